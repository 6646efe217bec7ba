/**
 * Values whose words must all be equal, written and read by all CPUs: in place under the value's lock, replaced as a
 * whole, removed and made anew. Whoever reads under the lock, or a copy, sees one writer's words.
 */

import { mapPut } from '../../../dist/src/shared/map-ref.js'
import {
  fdDeleteElem,
  fdLookupElem,
  fdUpdateElem,
  skStorageDelete,
  skStorageGet,
} from '../../../dist/src/shared/sk-storage.js'
import { sockPut } from '../../../dist/src/shared/sock.js'
import { bpfSpinLock, bpfSpinUnlock } from '../../../dist/src/sync/bpf-spin-lock.js'
import { rcuQuiescentState } from '../../../dist/src/sync/quiescent-state.js'
import { holdMap, holdSock, program } from './held.js'
import { BOARD, met, rounds } from './rounds.js'

const [ANY, EXIST, F_LOCK] = [0, 2, 4]
const [ENOENT, EAGAIN] = [-2, -11]
const TURNS = 8

export default (context) => {
  const { cpu, args } = context
  const { words } = cpu
  const { board, roles, lockAt, size } = args
  const map = holdMap(cpu, args.maps[0])
  const [fd] = args.sockets
  const sk = holdSock(cpu, fd)
  const value = new Int32Array(size)
  const role = roles[cpu.id % roles.length]

  const oneWriters = (at, from, how) => {
    let first
    for (let i = 0; i < size; i++) {
      if (i === lockAt) continue
      first ??= from[at + i]
      if (from[at + i] !== first) {
        Atomics.store(board, BOARD.wrong, 1)
        return `${how}: word ${i} is ${from[at + i]}, the first is ${first}: [${from.slice(at, at + size).join(' ')}]`
      }
    }
    if (first !== 0) met(board)
    return undefined
  }
  const allow = (err, ...others) => {
    if (err !== 0 && !others.includes(err)) throw new Error(`${role} returned ${err}`)
  }
  const acts = {
    inPlace: () => allow(fdUpdateElem(cpu, map, fd, value, F_LOCK), EAGAIN),
    inPlaceIfThere: () => allow(fdUpdateElem(cpu, map, fd, value, F_LOCK | EXIST), EAGAIN, ENOENT),
    replace: () => allow(fdUpdateElem(cpu, map, fd, value, ANY), EAGAIN),
    delete: () => allow(fdDeleteElem(cpu, map, fd), ENOENT),
    helperDelete: () =>
      allow(
        program(cpu, () => skStorageDelete(cpu, map, sk)),
        ENOENT,
      ),
    read: () => {
      const err = fdLookupElem(cpu, map, fd, value, lockAt < 0 ? 0 : F_LOCK)
      allow(err, ENOENT)
      return err === 0 ? oneWriters(0, value, 'a copy') : undefined
    },
    readInPlace: () =>
      program(cpu, () => {
        const at = skStorageGet(cpu, map, sk, null, 1)
        if (at === 0) return undefined
        if (lockAt >= 0) bpfSpinLock(cpu, at + lockAt)
        const wrong = oneWriters(at, words, 'in place')
        if (lockAt >= 0) bpfSpinUnlock(cpu, at + lockAt)
        return wrong
      }),
    writeInPlace: () =>
      program(cpu, () => {
        const at = skStorageGet(cpu, map, sk, null, 1)
        if (at === 0) return
        bpfSpinLock(cpu, at + lockAt)
        for (let i = 0; i < size; i++) if (i !== lockAt) words[at + i] = value[i]
        bpfSpinUnlock(cpu, at + lockAt)
      }),
  }
  rounds(context, {
    race(round) {
      for (let turn = 0; turn < TURNS; turn++) {
        value.fill(round * 1024 + turn * 64 + cpu.id)
        const wrong = acts[role]()
        if (wrong) throw new Error(`round ${round}, ${wrong}`)
        rcuQuiescentState(cpu)
      }
      return 0
    },
  })
  sockPut(cpu, sk)
  mapPut(cpu, map)
}
