/**
 * What is one for all agents of a process, and would be each worker's own: the properties of `globalThis`,
 * `process.env`, the exit code. A thread that writes any of it writes for all, and for the next execution.
 */

/** Taken now: what a thread puts in its place must not be what looks for it. */
const { ownKeys, getOwnPropertyDescriptor } = Reflect
const { is } = Object
const toText = String
const { process } = globalThis as { process?: NodeJS.Process }

/** In the place of the value of an accessor: Node puts values there when they are asked for first. */
const ACCESSOR: unique symbol = Symbol('accessor')

type Noted = ReadonlyMap<string | symbol, unknown>

/** Notes what stands there now. What comes back names what is no longer so, if there is something. */
export function noteGlobals(): () => string | undefined {
  // A page writes there while somebody steps through an execution.
  if (process === undefined) return () => undefined
  const globals = valuesOf(globalThis)
  const environment = valuesOf(process.env)
  const code = process.exitCode
  return () => {
    const name = changedIn(globals, globalThis)
    if (name !== undefined) return `globalThis.${toText(name)}`
    const variable = changedIn(environment, process.env)
    if (variable !== undefined) return `process.env.${toText(variable)}`
    return process.exitCode === code ? undefined : 'process.exitCode'
  }
}

function valuesOf(object: object): Noted {
  const values = new Map<string | symbol, unknown>()
  for (const key of ownKeys(object)) values.set(key, valueAt(object, key))
  return values
}

function valueAt(object: object, key: string | symbol): unknown {
  const { value, get, set } = getOwnPropertyDescriptor(object, key) ?? {}
  return get === undefined && set === undefined ? (value as unknown) : ACCESSOR
}

function changedIn(noted: Noted, object: object): string | symbol | undefined {
  const keys = ownKeys(object)
  for (const key of keys) {
    if (!noted.has(key)) return key
    const was = noted.get(key)
    if (was !== ACCESSOR && !is(was, valueAt(object, key))) return key
  }
  if (keys.length !== noted.size) for (const key of noted.keys()) if (!keys.includes(key)) return key
  return undefined
}
