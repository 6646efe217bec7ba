/**
 * Random async programs of one agent: what each does is told by the numbers that it prints, in their order.
 */

import { createRandom, nextBits, type Random } from '../../../src/random/random.ts'

/** Timers of one length and immediates are not mixed: which comes first is a matter of time. */
export type Later = 'jobs' | 'timers' | 'immediates'

interface Draw {
  readonly random: Random
  /** Numbers that are printed, each of another place. */
  next: number
  /** What is done later beside jobs. */
  readonly later: Later
}

const below = ({ random }: Draw, n: number): number => nextBits(random) % n
const pick = <T>(draw: Draw, list: readonly T[]): T => list[below(draw, list.length)]

/** A statement that prints a number of its own, and a value if one is given. */
const print = (draw: Draw, value = '0'): string => `print(${draw.next++}, ${value});`

function block(draw: Draw, depth: number, inside: Inside): string {
  const many = 1 + below(draw, depth > 1 ? 4 : 2)
  return Array.from({ length: many }, () => statement(draw, depth, inside)).join(' ')
}

/** What may stand in a body: `await`, `yield`. */
interface Inside {
  readonly async: boolean
  readonly generator: boolean
}
const PLAIN: Inside = { async: false, generator: false }
const ASYNC: Inside = { async: true, generator: false }
const GENERATOR: Inside = { async: true, generator: true }

/** A function without parameters but `v`. */
function callback(draw: Draw, depth: number): string {
  const { next } = draw
  draw.next++
  const body = `print(${next}, v); ${depth > 0 ? block(draw, depth - 1, PLAIN) : ''}`
  switch (below(draw, 6)) {
    case 0:
      return `(v) => { ${body} throw ${below(draw, 9)} }`
    case 1:
      return `(v) => { ${body} return ${promise(draw, depth - 1)} }`
    case 2:
      return `async (v) => { print(${next}, v); ${depth > 0 ? block(draw, depth - 1, ASYNC) : ''} return ${value(draw, depth - 1)} }`
    default:
      return `(v) => { ${body} return ${value(draw, depth - 1)} }`
  }
}

/** A value, perhaps a promise of one. */
function value(draw: Draw, depth: number): string {
  if (depth > 0 && below(draw, 3) === 0) return promise(draw, depth)
  return below(draw, 5) === 0 ? thenable(draw) : String(below(draw, 10))
}

function thenable(draw: Draw): string {
  const how = pick(draw, ['resolve(V)', 'reject(V)', 'queueMicrotask(() => resolve(V))', 'resolve(V); reject(9)'])
  return `{ then(resolve, reject) { ${print(draw)} ${how.replace('V', String(below(draw, 10)))} } }`
}

/** An expression that gives a promise. */
function promise(draw: Draw, depth: number): string {
  if (depth <= 0)
    return pick(draw, ['Promise.resolve(1)', 'Promise.reject(2)', 'new Later((r) => r(3))', '(async () => 4)()'])
  const less = depth - 1
  switch (below(draw, 14)) {
    case 0:
      return `Promise.resolve(${value(draw, less)})`
    case 1:
      return `new Promise((resolve, reject) => { ${block(draw, less, PLAIN)} ${pick(draw, ['resolve', 'reject'])}(${value(draw, less)}) })`
    case 2:
    case 3:
      return `${promise(draw, less)}.then(${callback(draw, less)})`
    case 4:
      return `${promise(draw, less)}.then(${callback(draw, less)}, ${callback(draw, less)})`
    case 5:
      return `${promise(draw, less)}.catch(${callback(draw, less)})`
    case 6:
      return `${promise(draw, less)}.finally(${callback(draw, less)})`
    case 7:
      return `Promise.${pick(draw, ['all', 'allSettled', 'race', 'any'])}([${[1, 2].map(() => value(draw, less)).join(', ')}]).then((v) => { print(${draw.next++}, Array.isArray(v) ? v.length : v); return 5 }, () => 6)`
    case 8:
      return `(async () => { try { ${block(draw, less, ASYNC)} } ${pick(draw, ['catch (e) { print(0, e) }', `finally { ${block(draw, less, ASYNC)} }`])} return ${value(draw, less)} })()`
    case 9:
      return `(async () => { for await (const v of ${iterable(draw, less)}) { print(${draw.next++}, v); ${below(draw, 3) === 0 ? 'break;' : block(draw, less, ASYNC)} } })()`
    case 10:
      return `new Later((resolve) => resolve(${value(draw, less)})).then(${callback(draw, less)})`
    case 11:
      return `(async function* () { ${block(draw, less, GENERATOR)} })().${pick(draw, ['next()', 'return(7)', 'throw(8)'])}.then((r) => r.value)`
    default:
      return `(async () => { ${block(draw, less, ASYNC)} return ${value(draw, less)} })()`
  }
}

function iterable(draw: Draw, depth: number): string {
  if (below(draw, 2) === 0) return `[${value(draw, depth)}, ${value(draw, depth)}]`
  return `(async function* () { ${block(draw, depth, GENERATOR)} ${pick(draw, ['', 'return 3'])} })()`
}

function statement(draw: Draw, depth: number, inside: Inside): string {
  const less = depth - 1
  const kinds = inside.generator ? 9 : inside.async ? 7 : 5
  const handled = (text: string): string =>
    `${text}.then((v) => print(${draw.next++}, v), (e) => print(${draw.next++}, e));`
  switch (depth <= 0 ? 0 : below(draw, kinds)) {
    case 0:
      return print(draw)
    case 1:
    case 2:
      return handled(promise(draw, less))
    case 3:
      return `${pick(draw, LATER[draw.later])}(() => { ${print(draw)} ${block(draw, less, PLAIN)} });`
    case 4:
      return `{ const p = ${promise(draw, less)}; ${handled('p')} ${handled('p')} }`
    case 5:
      return `print(${draw.next++}, await ${value(draw, less)});`
    case 6:
      return `try { print(${draw.next++}, await ${promise(draw, less)}); } catch (e) { print(${draw.next++}, e) }`
    case 7:
      return `print(${draw.next++}, yield ${value(draw, less)});`
    default:
      return `yield* ${iterable(draw, less)};`
  }
}

const LATER: Readonly<Record<Later, readonly string[]>> = {
  jobs: ['queueMicrotask', 'process.nextTick'],
  timers: ['queueMicrotask', 'process.nextTick', 'setTimeout', 'setTimeout'],
  immediates: ['queueMicrotask', 'process.nextTick', 'setImmediate', 'setImmediate'],
}

/** The body of a function that is handed `print(place, value)`. */
export function asyncProgram(seed: number, later: Later): string {
  const draw: Draw = { random: createRandom(seed), next: 1, later }
  const statements = Array.from({ length: 3 }, () => statement(draw, 3, PLAIN)).join('\n  ')
  return `class Later extends Promise {}\n  ${statements}`
}
