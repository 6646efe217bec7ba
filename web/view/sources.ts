/**
 * Which source files are loaded, and which function a place stands in.
 */

import loaders from 'virtual:sources'
import { signal } from '@preact/signals'
import type { Site } from '../../src/explore/internals.ts'
import { EXHIBITS } from '../exhibits.ts'
import type { SourceFile } from '../source-file.ts'
import { place } from '../state.ts'

const files = signal<ReadonlyMap<string, SourceFile>>(new Map())
const asked = new Set<string>()

/** The file with the present exhibit's edits; undefined until it is loaded. */
export function sourceOf(file: string): SourceFile | undefined {
  const { exhibit } = place.value
  const edited = EXHIBITS.find(({ id }) => id === exhibit)?.edits.some((edit) => edit.file === file)
  const key = `${file}@${edited ? exhibit : ''}`
  const known = files.value.get(key)
  if (known === undefined && !asked.has(key) && loaders[key] !== undefined) {
    asked.add(key)
    void loaders[key]().then(({ default: source }) => {
      files.value = new Map(files.value).set(key, source)
    })
  }
  return known
}

/** The innermost function around a line: its name, first and last line. */
export function functionAround(source: SourceFile, line: number): readonly [string, number, number] | undefined {
  return source.functions
    .filter(([, from, to]) => from <= line && line <= to)
    .reduce<readonly [string, number, number] | undefined>(
      (best, each) => (best === undefined || each[2] - each[1] <= best[2] - best[1] ? each : best),
      undefined,
    )
}

/** A name for the function that a site stands in: it changes only with the function. */
export function functionAt(site: Site | undefined): string {
  if (site === undefined) return ''
  const source = sourceOf(site.file)
  const around = source && functionAround(source, site.line)
  return around === undefined ? `${site.file}:${site.line}` : `${site.file}:${around[1]}`
}
