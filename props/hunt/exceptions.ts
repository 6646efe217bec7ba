/**
 * What Linux does under concurrency that no order of whole operations explains: the exceptions of the specification, by
 * name. Each asks whether another CPU may have been at it since a step began: only then is the answer allowed.
 *
 * - An update returns -EAGAIN, and get-with-create NULL, when another CPU was making or removing an element of the same
 *   socket.
 * - A delete returns 0 although another CPU was the one that removed the element, or replaced it.
 * - A look without the lock (lookup, get, delete, update in place, clone) finds nothing while another CPU replaces the
 *   element: past the list's head when the new one is linked there, it reaches the old one's place after that was
 *   unlinked.
 * - A lookup in the hash map misses a key that another CPU replaces, likewise.
 * - A walk over a map or over keys may miss or repeat what others change.
 */

import type { Place } from './explain-state.ts'
import { type HuntKey, type HuntMap, type HuntProgram, type HuntStep, has } from './program.ts'

/** The steps of other CPUs that may have acted since this CPU's step began. */
function since({ cpus }: HuntProgram, { others }: Place, cpu: number): HuntStep[] {
  return cpus.flatMap((steps, other) => (other === cpu ? [] : steps.slice(others[other])))
}

/**
 * Whether another CPU may have made or removed an element, of `map` if given. A map that is freed removes elements too.
 */
export function raced(program: HuntProgram, place: Place, cpu: number, map?: HuntMap): boolean {
  if (map !== 1 && has(program, 'closeMap')) return true
  return since(program, place, cpu).some(
    (step) => changes(step) && (map === undefined || isAbout(step, map) || mapsCome(program)),
  )
}

/** Whether another CPU may have replaced an element of `map`. */
export function replaced(program: HuntProgram, place: Place, cpu: number, map?: HuntMap): boolean {
  return since(program, place, cpu).some(
    (step) => step.do === 'update' && (map === undefined || step.map === map || mapsCome(program)),
  )
}

/** Whether others may have changed what a walk meets: elements, or sockets. */
export function disturbed(program: HuntProgram, place: Place, cpu: number): boolean {
  if (has(program, 'closeMap')) return true
  return since(program, place, cpu).some(
    (step) => changes(step) || step.do === 'close' || step.do === 'accept' || step.do === 'open',
  )
}

/** Whether another CPU may have replaced what the hash map has under a key. */
export function keyReplaced(program: HuntProgram, place: Place, cpu: number, key: HuntKey): boolean {
  return since(program, place, cpu).some((step) => step.do === 'hashUpdate' && step.key === key)
}

/** Whether others may have changed which keys a walk meets. */
export function keysDisturbed(program: HuntProgram, place: Place, cpu: number): boolean {
  return since(program, place, cpu).some(({ do: what }) => what === 'hashUpdate' || what === 'hashDelete')
}

/** Whether a descriptor of a map may mean another one. */
const mapsCome = (program: HuntProgram): boolean => has(program, 'newMap') || has(program, 'typedMap')

/** What runs by being attached is about map 0, or whatever had its descriptor then. */
const isAbout = (step: HuntStep, map: HuntMap): boolean => ('map' in step ? step.map === map : step.do === 'run')

function changes(step: HuntStep): boolean {
  return (
    step.do === 'update' || step.do === 'get' || step.do === 'delete' || step.do === 'fdDelete' || step.do === 'run'
  )
}
