/**
 * `sk-storage/props`: the sequential model of sockets, maps and their storages, arbitrary operations and programs on
 * them, and what runs those. Needs fast-check.
 *
 *     import { test } from '@fast-check/vitest'
 *     import { commands, runCommands, setting } from 'sk-storage/props'
 *
 *     test.prop([commands(20), setting])('answers like the model', (commands, setting) => {
 *       runCommands(commands, setting)
 *     })
 *
 * @module sk-storage/props
 */

export { type Command, commandOf, commands, runCommands, setting } from './commands.ts'
export { huntProgram, huntStep, type ProgramSize } from './hunt/arbitrary.ts'
export { explain } from './hunt/explain.ts'
export { type Budget, findSchedule, loadStorage, type ScenarioOf } from './hunt/explore.ts'
export { hunt, runHunt } from './hunt/hunt.ts'
export {
  type BesideStep,
  type HuntKey,
  type HuntKind,
  type HuntMap,
  type HuntOutcome,
  type HuntProgram,
  type HuntSock,
  type HuntStep,
  NULL,
  TORN,
} from './hunt/program.ts'
export { shrinkProgram, shrinkTogether } from './hunt/shrink.ts'
export type { Lockstep, Setting } from './lockstep.ts'
export * as model from './model.ts'
export { createModel, type Element, type File, type Model, type SkMap, type Socket } from './model-state.ts'
export * as storages from './model-storage.ts'
export { type FdRef, type MapRef, type Operation, operation, type SockRef } from './operations.ts'
