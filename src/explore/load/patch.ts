/**
 * A folder of edits: patches as `git diff` writes them, each hunk a replacement that has to fit exactly once. Line
 * numbers are not looked at, so a patch goes on fitting where the text around it has not changed.
 */

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { meant } from '../../words/meant.ts'
import { applyEdits, type Edit } from './edits.ts'

const isPatch = (name: string): boolean => /\.(patch|diff)$/.test(name)

/** The edits of all patches in a folder, by name. Throws an Error that says what it got where there is none. */
export function readEdits(folder: string): Edit[] {
  const names = readdirSync(folder).filter(isPatch).sort()
  const edits = names.flatMap((name) => editsIn(readFileSync(join(folder, name), 'utf8'), join(folder, name)))
  if (edits.length > 0) return edits
  throw new Error(`got ${folder}, expected a folder with a patch of a file in it (*.patch or *.diff)`)
}

/** The hunks of a patch as edits. `path` is what it is called. */
export function editsIn(patch: string, path: string): Edit[] {
  const edits: { file: string; from: string; to: string }[] = []
  let file: string | undefined
  /** Lines that this hunk has still to come, of the text before and after it. */
  let [before, after] = [0, 0]
  for (const [i, line] of patch.replace(/\n$/, '').split('\n').entries()) {
    const refuse = (why: string): never => {
      throw new Error(`${path}:${i + 1}: ${why}`)
    }
    const hunk = edits.at(-1)
    if ((before > 0 || after > 0) && hunk !== undefined) {
      const [mark, text] = [line[0] ?? ' ', `${line.slice(1)}\n`]
      if (!' -+\\'.includes(mark)) refuse(`got ${JSON.stringify(line)}, expected a line of the hunk`)
      if (mark === ' ' || mark === '-') before--
      if (mark === ' ' || mark === '+') after--
      if (mark === ' ' || mark === '-') hunk.from += text
      if (mark === ' ' || mark === '+') hunk.to += text
      continue
    }
    const [, name] = /^\+\+\+ (?:b\/)?(.+?)(?:\t.*)?$/.exec(line) ?? []
    if (name !== undefined) file = name
    const [, of, to] = /^@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@/.exec(line) ?? []
    if (!line.startsWith('@@')) continue
    if (file === undefined || !/^@@ -\d/.test(line)) refuse(`got ${JSON.stringify(line)}, expected a hunk of a file`)
    if (file === '/dev/null') refuse('got a file that is deleted, expected edits of one that stays')
    ;[before, after] = [Number(of ?? 1), Number(to ?? 1)]
    if (before === 0) refuse('got a hunk with nothing around it, expected some lines that it replaces (git diff -U3)')
    edits.push({ file: file!, from: '', to: '' })
  }
  if (before > 0 || after > 0) throw new Error(`${path}: got a hunk that is cut off, expected all of its lines`)
  return edits
}

/** The files of its folder that are meant, or where that is no folder, that there is none. */
function meantIn(tree: string, file: string): string {
  const folder = dirname(file)
  if (!existsSync(join(tree, folder))) return `there is no ${folder}`
  return meant(
    file,
    readdirSync(join(tree, folder)).map((name) => `${folder}/${name}`),
  )
}

/** Writes a folder's edits into the files of a tree. Throws an Error for one that fits none, or not exactly once. */
export function plantEdits(folder: string, tree: string): void {
  for (const edit of readEdits(folder)) {
    const path = join(tree, edit.file ?? '')
    if (!existsSync(path))
      throw new Error(`got an edit of '${edit.file}', expected a file that is there: ${meantIn(tree, edit.file ?? '')}`)
    writeFileSync(path, applyEdits(readFileSync(path, 'utf8'), path, path, [{ ...edit, file: path }]))
  }
}
