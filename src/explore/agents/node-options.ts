/**
 * Options of Node's that a worker is started with: what it requires first is explored, and what makes no difference to
 * what its code does is left out. All others are refused.
 */

import { refuse } from '../twins/refuse.ts'

/** Options that change nothing but what Node says on its own. */
const SILENT =
  /^--(no-warnings|trace-warnings|disable-warning=.*|no-deprecation|trace-deprecation|trace-uncaught|trace-exit|enable-source-maps|unhandled-rejections=throw)$/

/** The words of NODE_OPTIONS: apart by spaces, but for those within quotes. */
export const wordsOf = (text: string): string[] =>
  [...text.matchAll(/(?:"(?:\\.|[^"\\])*"|[^\s"])+/g)].map(([word]) =>
    word.replaceAll(/"((?:\\.|[^"\\])*)"/g, (_, inner: string) => inner.replaceAll(/\\(.)/g, '$1')),
  )

/** The files that such options have required, in their order. */
export function preloads(site: number, what: string, options: readonly string[]): string[] {
  const files: string[] = []
  for (let k = 0; k < options.length; k++) {
    const [, , joined] = /^(--require|-r)=(.*)$/.exec(options[k]) ?? []
    if (joined !== undefined) files.push(joined)
    else if ((options[k] === '-r' || options[k] === '--require') && k + 1 < options.length) files.push(options[++k])
    else if (options[k] !== '' && !SILENT.test(options[k]))
      refuse(
        site,
        `a worker with ${what} is not explored: got ${options[k]}, expected --require of files, or none; the worker's file is evaluated as it stands`,
      )
  }
  return files
}
