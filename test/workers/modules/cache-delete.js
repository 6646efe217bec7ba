/**
 * C1: CPUs look an element up for the first time, which caches it, while CPU 0 removes it. Nobody may find it
 * afterwards.
 */

import { mapPut } from '../../../dist/src/shared/map-ref.js'
import { MAP, SK_STORAGE, SOCK } from '../../../dist/src/shared/records.js'
import { fdDeleteElem, fdUpdateElem, skStorageDelete, skStorageGet } from '../../../dist/src/shared/sk-storage.js'
import { sockPut } from '../../../dist/src/shared/sock.js'
import { rcuQuiescentState } from '../../../dist/src/sync/quiescent-state.js'
import { holdMap, holdSock, program } from './held.js'
import { met, RESULT, rounds } from './rounds.js'
import { wrongWith } from './storage-state.js'

export default (context) => {
  const { cpu, gang, args } = context
  const { words } = cpu
  const [map, keeper] = args.maps.map((fd) => holdMap(cpu, fd))
  const [fd] = args.sockets
  const sk = holdSock(cpu, fd)
  const value = new Int32Array(2)
  const lookup = () => program(cpu, () => words[skStorageGet(cpu, map, sk, null, 0)])

  if (cpu.id === 0) fdUpdateElem(cpu, keeper, fd, value, 0)
  rounds(context, {
    prepare(round) {
      value[0] = round + 1
      if (fdUpdateElem(cpu, map, fd, value, 1) !== 0) throw new Error('the element of the last round is still there')
      rcuQuiescentState(cpu)
    },
    race(round) {
      if (cpu.id === 0) {
        if (round & 1) return program(cpu, () => skStorageDelete(cpu, map, sk))
        const err = fdDeleteElem(cpu, map, fd)
        rcuQuiescentState(cpu)
        return err
      }
      // Word 0 is the magic number: what NULL leads to.
      const found = lookup()
      return found === words[0] ? 0 : found
    },
    verify(round) {
      if (board0() !== 0) return `delete returned ${board0()}`
      for (let id = 1; id < gang; id++) {
        const found = args.board[RESULT + id]
        if (found !== 0 && found !== round + 1) return `CPU ${id} found ${found}`
        if (found !== 0) met(args.board)
      }
      const slot = words[sk + SOCK.storage] + SK_STORAGE.cache + words[map + MAP.cacheIdx]
      if (words[slot] !== 0) return 'the deleted element is in the cache'
      if (lookup() !== words[0]) return 'a lookup finds the deleted element'
      return wrongWith(words, sk)
    },
  })
  sockPut(cpu, sk)
  mapPut(cpu, map)
  mapPut(cpu, keeper)

  function board0() {
    return args.board[RESULT]
  }
}
