/**
 * How to have a package instrumented, for messages that come upon one that is not.
 */

import { runtime } from './runtime.ts'
import type { Module } from './site.ts'

/** Packages that nobody wants to have followed. */
const NEVER = ['sk-storage', 'every-order', 'vitest', 'fast-check']

// In a page there are none.
const { isBuiltin } =
  (globalThis as { process?: Partial<NodeJS.Process> }).process?.getBuiltinModule?.('node:module') ?? {}

/** The module that the author's file `file` imports by that relative name. */
function relative(source: string, file: string): Module | undefined {
  const path = decodeURI(new URL(source, `file://${file}`).pathname)
  const plain = path.replace(/\.[cm]?[jt]sx?$/, '')
  const is = (each: string) => each === path || each.startsWith(`${plain}.`) || each.startsWith(`${path}/index.`)
  return runtime.modules.findLast((each) => is(each.file))
}

/** Packages that a file names and that are not followed; those that a file names which it imports, if it names none. */
function unfollowed(file: string): string[] {
  const isFollowed = (name: string) =>
    runtime.modules.some((each) => {
      const [project, ...rest] = each.file.split('/node_modules/')
      return file.startsWith(project) && rest.some((its) => its.startsWith(`${name}/`))
    })
  const seen = new Set([runtime.modules.findLast((each) => each.file === file)])
  for (const each of seen) {
    const names = (each?.imports ?? []).flatMap((name) => {
      if (/^[.]{1,2}\//.test(name)) seen.add(relative(name, each!.file))
      return /^(?:@[\w.~-]+\/)?[\w.~-]+/.exec(/^[./#]|^node:/.test(name) ? '' : name) ?? []
    })
    const left = names.filter((name) => !NEVER.includes(name) && isBuiltin?.(name) !== true && !isFollowed(name))
    if (left.length > 0) return [...new Set(left)]
  }
  return []
}

/** What to write where, for code that this file calls: by default the one that was loaded last. */
export function howToFollow(file: string | undefined = runtime.modules.at(-1)?.file): string {
  const names = file === undefined ? [] : unfollowed(file)
  const all = names.length === 0 ? ['NAME'] : names
  const list = all.map((name) => `'${name}'`).join(', ')
  const which =
    names.length === 0
      ? 'a package is followed if it is named'
      : `${names.join(', ')} ${names.length === 1 ? 'is' : 'are'} followed if named`
  return `${which}: --packages ${all.join(',')} on the command line, explorePlugin({ packages: [${list}] }) in the \
config of Vitest, loadInstrumented(file, { packages: [${list}] }), or EXPLORE_PACKAGES=${all.join(',')} for any of them`
}
