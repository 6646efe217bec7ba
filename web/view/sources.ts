/**
 * Which source files are loaded, and which function a place stands in.
 */

import functions from 'virtual:functions'
import { edits, sources } from 'virtual:sources'
import { signal } from '@preact/signals'
import type { Site } from '../../src/explore/internals.ts'
import { EDITED } from '../exhibits.ts'
import { variantOf } from '../program.ts'
import { type FunctionPlace, readSource, type SourceFile } from '../source-file.ts'
import { place } from '../state.ts'

const files = signal<ReadonlyMap<string, SourceFile>>(new Map())
const asked = new Set<string>()

/** What a file is called with the edits of the program that is stepped. */
function keyOf(file: string): string {
  const variant = variantOf(place.value)
  const edited = EDITED.get(variant)?.edits.some((edit) => edit.file === file)
  return `${file}@${edited ? variant : ''}`
}

/** The file with the present exhibit's edits; undefined until it is loaded. */
export function sourceOf(file: string): SourceFile | undefined {
  const key = keyOf(file)
  const known = files.value.get(key)
  if (known === undefined && !asked.has(key) && sources[file] !== undefined) {
    asked.add(key)
    void load(file, key).then((source) => {
      files.value = new Map(files.value).set(key, source)
    })
  }
  return known
}

async function load(file: string, key: string): Promise<SourceFile> {
  const [{ default: written }, edited] = await Promise.all([sources[file](), edits[key]?.()])
  const source = readSource(written)
  if (edited === undefined) return source
  const [from, to, lines] = edited.default
  return source.toSpliced(from, to - from, ...readSource(lines))
}

/** Whether the file with the present exhibit's edits is still on its way. */
export function isComing(file: string): boolean {
  return sources[file] !== undefined && !files.value.has(keyOf(file))
}

/** The innermost function around a place. */
export function functionAround({ file, line }: Site): FunctionPlace | undefined {
  return functions[keyOf(file)]
    ?.filter(([, from, to]) => from <= line && line <= to)
    .reduce<FunctionPlace | undefined>(
      (best, each) => (best === undefined || each[2] - each[1] <= best[2] - best[1] ? each : best),
      undefined,
    )
}

/** Names of all functions that one of this name may come to call, through whichever others. */
export function within(name: string): ReadonlySet<string> {
  let known = reached.get(name)
  if (known === undefined) {
    const all = new Set([name])
    for (const each of all) for (const next of mentioned.get(each) ?? []) all.add(next)
    reached.set(name, (known = all))
  }
  return known
}

const reached = new Map<string, ReadonlySet<string>>()
const mentioned = new Map<string, Set<string>>()
for (const [name, , , mentions] of Object.values(functions).flat()) {
  const all = mentioned.get(name) ?? new Set()
  for (const each of mentions) all.add(each)
  mentioned.set(name, all)
}
