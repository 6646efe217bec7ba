/**
 * Tracing the author's text as it is, without the transform: an oracle for what a twin should announce.
 *
 * Shared arrays go in as proxies that write down each access; `Atomics` is one that knows the proxies.
 */

type Log = (event: string) => void

const insides = new WeakMap<object, { view: Int32Array | Uint8Array; log: Log; name: string; offset: number }>()

/** A proxy of a typed array. Events say name and index, counted from the start of the whole array. */
export function traced(view: Int32Array | Uint8Array, name: string, log: Log, offset = 0): Int32Array {
  const natives: Record<PropertyKey, unknown> = {
    subarray: (from: number, to?: number) => traced(view.subarray(from, to), name, log, offset + from),
    fill(value: number, from: number, to: number) {
      log(`range write ${name} ${offset + from}..${offset + to}`)
      view.fill(value, from, to)
      return proxy
    },
    indexOf(value: number) {
      log(`range read ${name} ${offset}..${offset + view.length}`)
      return view.indexOf(value)
    },
    *[Symbol.iterator]() {
      for (let at = 0; at < view.length; at++) yield (proxy as Int32Array)[at]
    },
  }
  const proxy = new Proxy(view, {
    get(_, key) {
      if (key in natives) return natives[key]
      if (typeof key === 'symbol' || !/^\d+$/.test(key)) return Reflect.get(view, key, view)
      log(`read ${name} ${offset + Number(key)}`)
      return view[Number(key)]
    },
    set(_, key, value) {
      const number = Number(value)
      log(`write ${name} ${offset + Number(key)}`)
      view[Number(key)] = number
      return true
    },
  })
  insides.set(proxy, { view, log, name, offset })
  return proxy as Int32Array
}

const kinds: Record<string, string> = { load: 'load', store: 'store', compareExchange: 'cas' }

/** `Atomics` for traced arrays. */
export const tracedAtomics = new Proxy(Atomics, {
  get(_, key: 'load') {
    return (proxy: object, index: number, ...rest: number[]) => {
      const { view, log, name, offset } = insides.get(proxy)!
      const numbers = rest.map((each) => Math.trunc(Number(each)) || 0)
      log(`${kinds[key] ?? 'rmw'} ${name} ${offset + index}`)
      return (Atomics[key] as (...args: unknown[]) => number)(view, index, ...numbers)
    }
  },
})
