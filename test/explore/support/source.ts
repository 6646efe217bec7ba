/**
 * Loading a piece of source text, instrumented and as it is.
 */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { loadInstrumented } from '../../../src/explore/load/load.ts'
import type { LoadOptions } from '../../../src/explore/load/load-options.ts'

/** Writes texts to a folder of their own while `use` runs. */
export async function withFiles<T>(files: Record<string, string>, use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'sources-'))
  try {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true })
      writeFileSync(join(folder, name), text)
    }
    return await use(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

// biome-ignore lint/suspicious/noExplicitAny: whatever the source exports
export type Exports = Record<string, any>

/** The exports of a source text, instrumented. TypeScript by default. */
export async function instrumented(text: string, options: LoadOptions = {}, name = 'source.ts'): Promise<Exports> {
  return withFiles({ [name]: text }, (folder) => loadInstrumented(join(folder, name), options))
}

/** The exports of a JavaScript module as it is, evaluated by Node. */
export async function untouched(text: string): Promise<Exports> {
  return withFiles(
    { 'plain.mjs': text },
    (folder) => import(/* @vite-ignore */ pathToFileURL(join(folder, 'plain.mjs')).href),
  )
}

/** A fresh shared array of 32-bit integers. */
export function words(length: number, values: readonly number[] = []): Int32Array {
  const view = new Int32Array(new SharedArrayBuffer(4 * length))
  view.set(values)
  return view
}
