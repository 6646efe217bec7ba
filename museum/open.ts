/**
 * Opening an exhibit: its scenario, loaded with its edits applied. For Node; what a page shows is transformed when the
 * page is built.
 */

import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { loadInstrumented, type Scenario } from '../src/explore/index.ts'
import type { Edit, ScenarioRef } from './exhibit.ts'

/**
 * The folder that the paths of exhibits begin in: the sources are explored as written, and stand beside what was built.
 */
export const ROOT = fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? '..' : '../..', import.meta.url))

/** A scenario and edits as a loader takes them, with paths of their own. */
export function placed({ file, name, raw = false }: ScenarioRef, edits: readonly Edit[]) {
  return {
    file: resolve(ROOT, file),
    name,
    raw,
    edits: edits.map((edit) => ({ ...edit, file: resolve(ROOT, edit.file) })),
  }
}

/**
 * A scenario on freshly loaded sources, edited. Throws an Error that says which edit fits its file no longer, or that
 * the scenario isn't there.
 */
export async function openScenario(
  { file, name, raw }: ScenarioRef,
  edits: readonly Edit[] = [],
): Promise<Scenario<unknown>> {
  const place = placed({ file, name, raw }, edits)
  const exports = await loadInstrumented(place.file, place)
  const scenario = exports[name]
  if (scenario === undefined) throw new Error(`museum: ${file} exports no ${name}, expected a scenario`)
  return scenario as Scenario<unknown>
}
