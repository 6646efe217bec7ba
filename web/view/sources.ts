/**
 * The sources of the program at hand, and which function a place stands in. All files of a program are loaded with it.
 */

import { computed } from '@preact/signals'
import type { Site } from '../../src/explore/internals.ts'
import { loadedFiles, partsOf } from '../ground.ts'
import { variantOf } from '../program.ts'
import { type FunctionPlace, readSource, type SourceFile } from '../source-file.ts'
import { loadedChoice } from '../state.ts'
import { readFunctions } from '../written-file.ts'

/** What was read of each text. */
const read = new Map<string, { readonly source: SourceFile; readonly functions: readonly FunctionPlace[] }>()

function readOf(file: string) {
  const chosen = loadedChoice.value
  const parts = chosen === null ? undefined : partsOf(file, variantOf(chosen))
  if (parts === undefined) return undefined
  let known = read.get(parts.source)
  if (known === undefined) {
    known = { source: readSource(parts.source), functions: readFunctions(parts.functions) }
    read.set(parts.source, known)
  }
  return known
}

/** The file with the present exhibit's edits; undefined for what is no file. */
export const sourceOf = (file: string): SourceFile | undefined => readOf(file)?.source

/** The innermost function around a place. */
export function functionAround({ file, line }: Pick<Site, 'file' | 'line'>): FunctionPlace | undefined {
  return readOf(file)
    ?.functions.filter(([, from, to]) => from <= line && line <= to)
    .reduce<FunctionPlace | undefined>(
      (best, each) => (best === undefined || each[2] - each[1] <= best[2] - best[1] ? each : best),
      undefined,
    )
}

/** Names of all functions that one of this name may come to call, through whichever others. */
export function within(name: string): ReadonlySet<string> {
  const { mentioned, reached } = calls.value
  let known = reached.get(name)
  if (known === undefined) {
    const all = new Set([name])
    for (const each of all) for (const next of mentioned.get(each) ?? []) all.add(next)
    reached.set(name, (known = all))
  }
  return known
}

/** What the functions of the program mention, by name, and what was asked of that. */
const calls = computed(() => {
  const mentioned = new Map<string, Set<string>>()
  for (const [name, , , mentions] of loadedFiles().flatMap((file) => readOf(file)?.functions ?? [])) {
    const all = mentioned.get(name) ?? new Set()
    for (const each of mentions) all.add(each)
    mentioned.set(name, all)
  }
  return { mentioned, reached: new Map<string, ReadonlySet<string>>() }
})
