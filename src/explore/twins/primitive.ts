/**
 * Numbers that natives are handed as objects: each is asked once for what it stands for, before anything is announced,
 * since the announcement and the native would both ask.
 */

const METHODS = ['valueOf', 'toString'] as const

/**
 * What an object gives where a number is wanted, before it is made one (ToPrimitive of ECMA-262); others as they are.
 */
export function primitive(value: unknown): unknown {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return value
  const object = value as Record<PropertyKey, unknown>
  const exotic = object[Symbol.toPrimitive]
  if (exotic !== undefined && exotic !== null) {
    const given: unknown = Reflect.apply(exotic as () => unknown, value, ['number'])
    if (isPrimitive(given)) return given
  } else {
    for (const name of METHODS) {
      const method = object[name]
      const given: unknown = typeof method === 'function' ? Reflect.apply(method, value, []) : value
      if (isPrimitive(given)) return given
    }
  }
  throw new TypeError('Cannot convert object to primitive value')
}

const isPrimitive = (value: unknown): boolean =>
  (typeof value !== 'object' && typeof value !== 'function') || value === null

/** Arguments from one of them on, asked in their order. */
export function primitives(args: readonly unknown[], from = 0): unknown[] {
  return args.map((each, at) => (at < from ? each : primitive(each)))
}
