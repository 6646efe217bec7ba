/**
 * Programs put together by a reader: operations on one socket and one map, by name.
 */

import { type OperationName, readPrograms } from '../../lessons/own-programs.ts'
import { inReadSection, type Setting, setting } from '../../props/scenarios/setting.ts'
import { skClone } from '../../src/shared/sk-clone.ts'
import { skStorageDelete, skStorageGet } from '../../src/shared/sk-storage.ts'
import { sockPut } from '../../src/shared/sock.ts'

type Operation = (given: Setting, id: number) => unknown

/** What each operation is. */
const OPERATIONS = {
  get: ({ cpus, maps, sockets }: Setting, id: number) =>
    inReadSection(cpus[id], () => skStorageGet(cpus[id], maps[0], sockets[0], null, 0) !== 0),
  create: ({ cpus, maps, sockets }: Setting, id: number) =>
    inReadSection(cpus[id], () => skStorageGet(cpus[id], maps[0], sockets[0], null, 1) !== 0),
  delete: ({ cpus, maps, sockets }: Setting, id: number) =>
    inReadSection(cpus[id], () => skStorageDelete(cpus[id], maps[0], sockets[0])),
  clone: ({ cpus, sockets }: Setting, id: number) => {
    const child = skClone(cpus[id], sockets[0])
    if (child !== 0) sockPut(cpus[id], child)
    return child !== 0
  },
} satisfies Record<OperationName, Operation>

/** One thread for each program. */
function freePlay(programs: readonly (readonly OperationName[])[]) {
  return {
    setup: () => setting({ threads: programs.length, listening: true }),
    threads: programs.map((program, id) => (given: Setting): string => {
      let answers = ''
      for (const name of program) answers += `${answers === '' ? '' : ' '}${name}=${OPERATIONS[name](given, id)}`
      return answers
    }),
  }
}

/**
 * The scenario of a name such as `create delete|get`: a program for each CPU. Throws a SyntaxError for one that can't
 * be read.
 */
export const scenarioNamed = (name: string) => freePlay(readPrograms(name))
