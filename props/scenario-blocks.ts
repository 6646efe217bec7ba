/**
 * `sk-storage/scenarios`: what scenarios of sockets, maps and storages are built of, for some of your own. The command
 * explores what a file of yours imports from here as it explores that file, from the sources that the package holds.
 *
 *     import { atRest, deleteByProgram, getWithCreate, setting } from 'sk-storage/scenarios'
 *
 *     export const getAgainstDelete = {
 *       setup: () => setting({ open: true, elements: 1 }),
 *       threads: [getWithCreate(0, 1), deleteByProgram(1)],
 *       after: atRest,
 *     }
 *
 * @module sk-storage/scenarios
 */

export type { Memory } from '../src/shared/memory.ts'
export type { BpfMap, Sdata, Sk } from '../src/shared/pointer.ts'
export { skStorageDelete, skStorageGet } from '../src/shared/sk-storage.ts'
export { skStorageUpdate } from '../src/shared/sk-storage-update.ts'
export type { Cpu } from '../src/sync/cpu.ts'
export {
  atRest,
  GIVEN,
  inReadSection,
  LOCK_WORD,
  putMap,
  type Setting,
  type SettingOptions,
  setting,
  twice,
  VALUE_SIZE,
} from './scenarios/setting.ts'
export * from './scenarios/steps.ts'
