/**
 * How to have a package instrumented, for messages that come upon one that is not.
 */

import { runtime } from './runtime.ts'
import type { Module } from './site.ts'

/** Packages that nobody wants to have followed. */
const NEVER = ['sk-storage', 'vitest', 'fast-check']

// In a page there are none.
const { isBuiltin } =
  (globalThis as { process?: Partial<NodeJS.Process> }).process?.getBuiltinModule?.('node:module') ?? {}

/** Packages that the author's modules name and that are not followed: those of one file, or of all. */
function unfollowed(file?: string): string[] {
  const { modules } = runtime
  const named = modules.filter((each: Module) => file === undefined || each.file === file)
  const isFollowed = (name: string) => modules.some((each) => each.file.includes(`/node_modules/${name}/`))
  const names = new Set(named.flatMap(({ packages }) => packages))
  return [...names].filter((name) => !NEVER.includes(name) && isBuiltin?.(name) !== true && !isFollowed(name))
}

/** What to write where, for code that the file at that site calls, or any. */
export function howToFollow(site?: number): string {
  const known = site === undefined ? undefined : runtime.sites[site]?.file
  const own = unfollowed(known)
  // What it calls may have come by way of another module.
  const names = own.length > 0 ? own : unfollowed()
  const all = names.length === 0 ? ['NAME'] : names
  const list = all.map((name) => `'${name}'`).join(', ')
  const which =
    names.length === 0
      ? 'a package is followed if it is named'
      : `${names.join(', ')} ${names.length === 1 ? 'is' : 'are'} followed if named`
  return `${which}: --packages ${all.join(',')} on the command line, explorePlugin({ packages: [${list}] }) in the \
config of Vitest, loadInstrumented(file, { packages: [${list}] }), or EXPLORE_PACKAGES=${all.join(',')} for any of them`
}
