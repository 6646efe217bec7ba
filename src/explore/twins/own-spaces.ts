/**
 * Namespaces of modules, `import * as`, as a thread sees them that has some of the exports for itself.
 */

import { runtime } from '../runtime/runtime.ts'

type Record_ = Record<string, unknown>

/** Of a namespace what belongs to the thread: a variable of that one of the files, or that one of the namespaces. */
export type NamedSpace = Readonly<Record<string, readonly [file: number, name: string] | number>>

/** By namespace and agent what stands for it, and the start of the agent that it was made in. */
const stands = new WeakMap<object, { readonly spaces: object[]; readonly starts: number[] }>()

/** What stands for a namespace in the thread that runs. `record`: what it has of the module of that file. */
export function spaceOf(
  namespace: object,
  at: number,
  spaces: readonly NamedSpace[],
  agent: number,
  record: (file: number) => Record_,
): object {
  let known = stands.get(namespace)
  if (known === undefined) stands.set(namespace, (known = { spaces: [], starts: [] }))
  const start = runtime.starts[agent - 1] ?? 0
  if (known.starts[agent] === start) return known.spaces[agent]
  const space: object = Object.create(null)
  known.spaces[agent] = space
  known.starts[agent] = start
  const value = (name: string): unknown => {
    const target = spaces[at][name]
    const its = (namespace as Record_)[name]
    if (target === undefined) return its
    if (typeof target === 'number') return spaceOf(its as object, target, spaces, agent, record)
    const own = record(target[0])
    return target[1] in own ? own[target[1]] : its
  }
  for (const name of Object.keys(namespace))
    Object.defineProperty(space, name, { enumerable: true, get: () => value(name) })
  Object.defineProperty(space, Symbol.toStringTag, { value: 'Module' })
  return Object.preventExtensions(space)
}
