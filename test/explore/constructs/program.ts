/**
 * The text of a module that has constructs as scenarios: for the explorer, and for a plain process that knows nothing
 * of it.
 */

import type { Construct } from './natives.ts'

/**
 * A module of these constructs. It exports `scenarios`, `other` (the thread beside them) and `fill`, which sets what
 * the word holds.
 */
export function moduleOf(constructs: readonly Construct[]): string {
  return `import * as util from 'node:util'
import * as crypto from 'node:crypto'
import * as buffer from 'node:buffer'
const W = new Int32Array(new SharedArrayBuffer(4))
let content = 3
export const fill = (value) => { content = value }
export const other = ({ w }) => { w[0] = 77 }
export const scenarios = [
${constructs.map(scenarioOf).join('\n')}
]
`
}

function scenarioOf({ module, setup, body }: Construct): string {
  const w = module !== undefined && /\bW\b/.test(module) ? 'W' : 'new Int32Array(new SharedArrayBuffer(4))'
  const values = `const w = ${w}; w[0] = content; const s = w.buffer, p = new Int32Array(2), d = new DataView(new ArrayBuffer(8));`
  const made = module !== undefined ? `(() => (${module}))()` : 'undefined'
  return `((inModule) => ({
  setup: () => { ${values} const made = ${setup === undefined ? 'inModule' : `(${setup})`}; return { w, s, p, d, made } },
  run: ({ w, s, p, d, made }) => { try { ${body} } catch (e) { return e } },
}))(${made}),`
}
