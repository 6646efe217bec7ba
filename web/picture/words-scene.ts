/**
 * The small lessons' memory: a few named words, or the objects that the scenario allocated.
 */

import type { Moment, ObjectView, Stepper } from '../../src/explore/internals.ts'
import { arrowsOf, type Box, callBoxes, type Field, lockedBy, type Scene, type Standing, wordsOf } from './scene.ts'

/** What a scenario's setup may have given the picture to look at. */
interface Context {
  readonly names?: readonly string[]
  readonly value?: number
  readonly head?: number
  /** Names of an object's words, where it has more than a value. */
  readonly fields?: readonly string[]
  /** An object that is on no list and in use all the same. */
  readonly module?: number
}

/** Operations that tell a CPU what stands in a word. */
const READS = /^(read|load|dereference|hint|rmw|cas|await)$/

/** Draws one box of words, or the record with its lock, or the published pointer and its object. */
export function drawWords(stepper: Stepper<unknown>, moment: Moment): Scene {
  const words = wordsOf(stepper.context)
  const { names, value, head, fields: named = ['value'], module } = stepper.context as Context
  const field = (label: string, at: number, pointer = false): Field => ({
    label,
    value: pointer && words[at] === 0 ? 'NULL' : pointer ? `@${words[at]}` : String(words[at]),
    address: stepper.addressOf(words, at),
    pointer: pointer ? words[at] : 0,
  })
  const box = (
    id: string,
    title: string,
    column: number,
    fields: Field[],
    standing: Standing = 'live',
    lock = '',
  ): Box => {
    return { id, title, column, row: 0, fields, standing, lock }
  }
  if (value !== undefined) {
    const lock = lockedBy(moment, stepper.addressOf(words, value + 2))
    const fields = [field('packets', value), field('bytes', value + 1)]
    return { columns: ['value of a map'], boxes: [box('value', 'value', 0, fields, 'live', lock)], arrows: [] }
  }
  if (head === undefined) {
    const shown = (names ?? ['counter']).map((name, at) => {
      const held = lockedBy(moment, stepper.addressOf(words, at))
      return held === '' ? field(name, at) : { ...field(name, at), value: held }
    })
    const seen = moment.threads.map(({ thread, name }, row): Box => {
      // What a CPU has in its own hands: the value that it read last. A store and a lock show it nothing.
      const last = moment.steps.findLast((step) => step.thread === thread && READS.test(step.operation))
      const value = last === undefined ? '' : last.before
      const own = { label: last === undefined ? 'nothing yet' : last.place, value, address: 0, pointer: 0 }
      return { ...box(`seen${row}`, `${name} read last`, 1 + row, [own]), row: 0 }
    })
    return {
      columns: ['shared words', 'what each CPU has read'],
      boxes: [box('words', 'shared memory', 0, shown), ...seen],
      arrows: [],
    }
  }
  const published = box('head', 'published', 0, [field('pointer', head, true)])
  const objects = moment.objects.filter(({ kind }) => kind === 'elem')
  const boxes = objects.map((object, row): Box => {
    const fields = named.map((name, k) => field(name, object.pointer + k, name === 'module'))
    const isModule = object.pointer === module
    const standing = isModule && object.live ? 'live' : standingOf(object, words[head], moment)
    return { ...box(`object${row}`, `${isModule ? 'module' : 'object'} @${object.pointer}`, 1, fields, standing), row }
  })
  const targets = new Map(objects.map(({ pointer }, k) => [pointer, boxes[k]]))
  const calls = callBoxes(moment, { rows: 1, only: false }, (pointer) => (targets.has(pointer) ? pointer : undefined))
  const all = [published, ...calls, ...boxes]
  return { columns: ['what readers look at, and hold', 'objects'], boxes: all, arrows: arrowsOf(all, targets) }
}

function standingOf({ pointer, live, made }: ObjectView, published: number, { steps, threads }: Moment): Standing {
  // A reader that has followed the pointer has it until its section ends.
  const follows = (thread: number) => {
    const since = steps.findLastIndex((step) => step.thread === thread && step.operation === 'read-section enter')
    return steps.slice(since + 1).some((step) => step.thread === thread && step.before === String(pointer))
  }
  const held = threads.some(({ thread, inReadSection }) => inReadSection && follows(thread))
  if (!live) return held || published === pointer ? 'dangling' : 'freed'
  if (published === pointer) return 'live'
  return made < 0 || steps.some(({ stores, after }) => stores && after === String(pointer)) ? 'waiting' : 'private'
}
