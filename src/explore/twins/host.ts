/**
 * Which functions are Node's or the browser's own. Much of them is JavaScript, so their text does not tell.
 */

const { process } = globalThis as { process?: NodeJS.Process }
/** Modules of Node that are handed buffers and objects. */
const MODULES = 'assert buffer child_process crypto events fs net perf_hooks stream url util v8 vm worker_threads zlib'

/** Levels below a module or the global object: a method of a class stands on the third. */
const DEEPEST = 3

let own: Set<unknown> | undefined

function ownFunctions(): Set<unknown> {
  const seen = new Set<unknown>()
  const visit = (value: unknown, depth: number): void => {
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null || seen.has(value)) return
    seen.add(value)
    if (depth === DEEPEST) return
    for (const each of Object.values(Object.getOwnPropertyDescriptors(value))) visit(each.value, depth + 1)
  }
  for (const name of MODULES.split(' ')) visit(process?.getBuiltinModule?.(`node:${name}`), 0)
  const classes = Object.getOwnPropertyNames(globalThis).filter((name) => /^[A-Z]|^(crypto|fetch|process)$/.test(name))
  for (const name of classes) visit((globalThis as Record<string, unknown>)[name], 0)
  return seen
}

/** Is this function the host's own? Asked for the words of a refusal, since the first time takes long. */
export const isOfHost = (fn: object): boolean => (own ??= ownFunctions()).has(fn)
