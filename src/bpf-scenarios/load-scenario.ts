/**
 * A scenario of an object's programs, instrumented: a module that is written from its plan, and loaded.
 */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Others } from '../bpf/run/scenario.ts'
import type { ScenarioPlan } from '../bpf/run/scenario-plan.ts'
import { loadInstrumented, type Scenario } from '../explore/index.ts'

/** The sources, which are explored as written and stand beside what was built. */
const ROOT = fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? '../..' : '../../..', import.meta.url))
const SCENARIO = 'src/bpf/run/scenario.ts'

/** The scenario of a plan, with the factories' texts by their programs' names. */
export async function loadScenario(
  plan: ScenarioPlan,
  factories: ReadonlyMap<string, string>,
  others: Others | undefined,
): Promise<Scenario<unknown>> {
  const folder = mkdtempSync(join(tmpdir(), 'bpf-'))
  try {
    const module = join(folder, `${plan.object.replace(/\W/g, '_')}.mjs`)
    const from = relative(folder, join(ROOT, SCENARIO))
    writeFileSync(module, `import { bpfScenario } from ${JSON.stringify(from)}\n${moduleText(plan, factories)}`)
    const { make } = await loadInstrumented(module)
    return (make as (others: Others | undefined) => Scenario<unknown>)(others)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The module's text behind its import. */
function moduleText(plan: ScenarioPlan, factories: ReadonlyMap<string, string>): string {
  const made = [...factories].map(([name, text]) => `${JSON.stringify(name)}: ${text}`)
  // One array for all maps: they come from one BTF object, which is then loaded once.
  const types = plan.maps.find(({ definition: { btf } }) => btf !== undefined)?.definition.btf?.bytes
  const shared = types === undefined ? '' : `const types = ${literal(types)}\n`
  return `const factories = {\n${made.join(',\n')}}
${shared}const plan = ${literal(plan, types)}
export const make = (others) => bpfScenario(plan, factories, others)\n`
}

/** Data as JavaScript: JSON, and arrays of bytes and bigints beside. `types` is what the text calls so. */
function literal(value: unknown, types?: Uint8Array): string {
  if (value === undefined) return 'undefined'
  if (value === types) return 'types'
  if (typeof value === 'bigint') return `${value}n`
  if (value instanceof Uint8Array) return `Uint8Array.of(${value.join(',')})`
  if (Array.isArray(value)) return `[${value.map((each) => literal(each, types)).join(', ')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const entries = Object.entries(value).filter(([, of]) => of !== undefined)
  return `{ ${entries.map(([key, of]) => `${JSON.stringify(key)}: ${literal(of, types)}`).join(', ')} }`
}
