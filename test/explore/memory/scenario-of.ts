/**
 * Scenarios for the memory models, from the bodies of their threads.
 */
import { loadInstrumentedText } from '../../../src/explore/load/load-text.ts'
import type { Scenario } from '../../../src/explore/scenario.ts'

/** A scenario on `words` (Int32Array) of threads, each the body of a function. */
export async function scenarioOf(threads: readonly string[], rest = '', before = ''): Promise<Scenario<unknown>> {
  const bodies = threads.map((body) => `({ words, bytes, floats, view }) => { ${body} }`)
  const text = `${before}
  export const it = {
    setup() {
      const buffer = new SharedArrayBuffer(64)
      return {
        words: new Int32Array(buffer),
        bytes: new Uint8Array(buffer),
        floats: new Float64Array(buffer),
        view: new DataView(buffer),
      }
    },
    threads: [${bodies.join(', ')}],
    ${rest}
  }`
  return ((await loadInstrumentedText(text, 'program.js')) as { it: Scenario<unknown> }).it
}
