/**
 * A mix of operations, run by a CPU until the phase is over.
 */

import type { RecordableHistogram } from 'node:perf_hooks'
import { below } from '../../random/random.ts'
import { mapPut } from '../../shared/map-ref.ts'
import { rcuQuiescentState } from '../../sync/quiescent-state.ts'
import type { CallContext } from '../task.ts'
import { type Actor, choosePlace, createActor, holdMap } from './actor.ts'
import { createElem, deleteElem, getElem, iterateMap, updateElem } from './element-operations.ts'
import { acceptChild, closeChosenMap, closeChosenSocket, makeMap, openSocket } from './object-operations.ts'
import { mapSlot, ticketFd, ticketIn } from './slots.ts'
import { type CpuReport, closeTally } from './tally.ts'

/**
 * How often each operation comes, in relation to the others. Sockets are opened and maps made where a slot is found
 * empty.
 */
export interface Mix {
  readonly get: number
  readonly create: number
  readonly update: number
  readonly delete: number
  readonly clone: number
  readonly iterate: number
  readonly socketClose: number
  readonly mapFree: number
  /** Make every map BPF_F_CLONE. */
  readonly cloneMaps: boolean
}

/** Operations between two looks at the stop flag: a few milliseconds at most, even where each walks a map. */
const CHUNK = 64

/** Runs the mix until the machine wants the call to end. */
export function runMix(context: CallContext, mix: Mix): CpuReport {
  const actor = createActor(context)
  const limits = thresholds(mix)
  while (!context.stopping()) {
    for (let i = 0; i < CHUNK; i++) {
      choosePlace(actor, context.gang)
      if (actor.tally.latency === undefined) step(actor, mix, limits)
      else timedStep(actor, mix, limits, actor.tally.latency)
      // Nothing is held between two operations.
      rcuQuiescentState(actor.cpu)
    }
  }
  return closeTally(actor.tally)
}

/** Running sums, in the order in which `step` asks. */
function thresholds(mix: Mix): readonly number[] {
  let sum = 0
  const { get, create, update, delete: remove, clone, iterate, socketClose, mapFree } = mix
  return [get, create, update, remove, clone, iterate, socketClose, mapFree].map((weight) => (sum += weight))
}

/** One step, and how long it took: from its begin to its end, since nothing waits for its turn here. */
function timedStep(actor: Actor, mix: Mix, limits: readonly number[], latency: readonly RecordableHistogram[]): void {
  const { tally } = actor
  tally.op = -1
  const begin = process.hrtime.bigint()
  step(actor, mix, limits)
  const took = process.hrtime.bigint() - begin
  if (tally.op >= 0) latency[tally.op].record(took > 0n ? took : 1n)
}

function step(actor: Actor, mix: Mix, limits: readonly number[]): void {
  const { slots, random } = actor
  if (ticketFd(actor.ticket) === 0) {
    openSocket(actor)
    return
  }
  if (ticketFd(ticketIn(slots, mapSlot(slots, actor.map))) === 0) {
    makeMap(actor, mix.cloneMaps)
    return
  }
  const choice = below(random, limits[7])
  if (choice >= limits[6]) closeChosenMap(actor)
  else if (choice >= limits[5]) closeChosenSocket(actor)
  else onMap(actor, choice, limits)
}

/** The operations that need a map, with a reference on it. */
function onMap(actor: Actor, choice: number, limits: readonly number[]): void {
  const map = holdMap(actor)
  if (map === 0) return
  if (choice < limits[0]) getElem(actor, map)
  else if (choice < limits[1]) createElem(actor, map)
  else if (choice < limits[2]) updateElem(actor, map)
  else if (choice < limits[3]) deleteElem(actor, map)
  else if (choice < limits[4]) acceptChild(actor, map)
  else iterateMap(actor, map)
  mapPut(actor.cpu, map)
}
