/**
 * A worker thread of `exploreFile`: loads the file and has a part in the search.
 */
import { workerData } from 'node:worker_threads'
import { actAsMain } from '../load/as-main.ts'
import { loadInstrumented } from '../load/load.ts'
import type { LoadOptions } from '../load/load-options.ts'
import { MisuseError } from '../runtime/misuse-error.ts'
import type { Options, Scenario } from '../scenario.ts'
import { exploreShared } from './explore-shared.ts'
import type { Line } from './link.ts'

/** What is to be done. */
export interface FileWork {
  readonly url: string
  /** The export; '' for the only one. */
  readonly scenario: string
  readonly load: LoadOptions
  readonly options: Options
  readonly line: Line
}

type AnyScenario = Scenario<unknown>

const isScenario = (value: unknown): value is AnyScenario =>
  typeof value === 'object' && value !== null && 'setup' in value && 'threads' in value

const { url, scenario, load, options, line } = workerData as FileWork
actAsMain()
const module = await loadInstrumented(new URL(url), load)
const names = Object.keys(module).filter((name) => isScenario(module[name]))
const [name, another] = scenario === '' ? names : names.filter((each) => each === scenario)
if (name === undefined || another !== undefined) {
  const got = scenario === '' ? `${names.length} scenarios` : `'${scenario}'`
  throw new MisuseError(`scenario: got ${got}, expected the name of an export: ${names.join(', ') || 'there is none'}`)
}
exploreShared({ name, ...(module[name] as AnyScenario) }, options, line)
