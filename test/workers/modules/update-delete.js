/**
 * One element, made, replaced, updated in place and removed by all CPUs at once: the storage comes and goes with it.
 */

import { mapPut } from '../../../dist/src/shared/map-ref.js'
import { SELEM, SK_STORAGE, SOCK } from '../../../dist/src/shared/records.js'
import { fdDeleteElem, fdUpdateElem, skStorageDelete, skStorageGet } from '../../../dist/src/shared/sk-storage.js'
import { selemUnlinkMap, selemUnlinkSkLocked } from '../../../dist/src/shared/sk-storage-elem.js'
import { storageFreeRcu } from '../../../dist/src/shared/sk-storage-overflow.js'
import { sockPut } from '../../../dist/src/shared/sock.js'
import { rcuQuiescentState } from '../../../dist/src/sync/quiescent-state.js'
import { rcuDereference } from '../../../dist/src/sync/rcu.js'
import { spinLock, spinUnlock } from '../../../dist/src/sync/spin-lock.js'
import { holdMap, holdSock, program } from './held.js'
import { met, rounds } from './rounds.js'
import { elementsOf, wrongWith } from './storage-state.js'

const ENOENT = -2
const EAGAIN = -11
const EEXIST = -17
/** What an update may return, by its flags: ANY, NOEXIST, EXIST, each with F_LOCK or without. */
const ALLOWED = [
  [0, EAGAIN],
  [0, EAGAIN, EEXIST],
  [0, EAGAIN, ENOENT],
]
const TURNS = 6
/** In one round of so many the first to delete is preempted under the lock. */
const PREEMPTED = 32

export default (context) => {
  const { cpu, args } = context
  const { words } = cpu
  const { board, roles, locked } = args
  const maps = args.maps.map((fd) => holdMap(cpu, fd))
  const [fd] = args.sockets
  const sk = holdSock(cpu, fd)
  const value = new Int32Array(4)
  const nap = new Int32Array(new SharedArrayBuffer(4))
  const role = roles[cpu.id % roles.length]

  const expect = (result, allowed) => {
    if (!allowed.includes(result)) throw new Error(`${role} returned ${result}, expected one of ${allowed}`)
    if (result === EAGAIN) met(board)
  }
  const acts = {
    update(map, random) {
      const flags = (random() % 3) | (locked ? random() & 4 : 0)
      expect(fdUpdateElem(cpu, map, fd, value, flags), ALLOWED[flags & 3])
    },
    replace: (map) => expect(fdUpdateElem(cpu, map, fd, value, 0), ALLOWED[0]),
    delete: (map) => expect(fdDeleteElem(cpu, map, fd), [0, ENOENT]),
    helperDelete: (map) =>
      expect(
        program(cpu, () => skStorageDelete(cpu, map, sk)),
        [0, ENOENT],
      ),
    get(map) {
      const got = program(cpu, () => {
        const at = skStorageGet(cpu, map, sk, value, 1)
        return at === 0 ? 0 : words[at + 1]
      })
      // There is always memory and always a reference: NULL says that another CPU was faster.
      if (got === 0) met(board)
      else if (got >> 8 !== value[1] >> 8) throw new Error(`got the value ${got >> 8} of another round`)
    },
  }

  /**
   * Removes the last element as any delete does, and loses its core with the storage's lock in hand: whoever saw the
   * element before finds the storage empty behind the lock. Where there is not a core for each CPU they would hardly
   * ever meet like that by chance.
   */
  const preemptedDelete = () => {
    const storage = rcuDereference(words, sk + SOCK.storage)
    if (storage === 0) return
    spinLock(cpu, storage + SK_STORAGE.lock)
    Atomics.wait(nap, 0, 0, 1)
    const node = words[storage + SK_STORAGE.list]
    let last = false
    if (node !== 0) {
      selemUnlinkMap(cpu, node - SELEM.snode)
      last = selemUnlinkSkLocked(cpu, storage, node - SELEM.snode, true)
    }
    spinUnlock(cpu, storage + SK_STORAGE.lock)
    if (last) storageFreeRcu(cpu, storage)
  }

  rounds(context, {
    prepare(round) {
      // Every other round begins with an element, so that deletes meet something and NOEXIST does not.
      value.fill((round + 1) << 8)
      if (round & 1) for (const map of maps) fdUpdateElem(cpu, map, fd, value, 0)
      rcuQuiescentState(cpu)
    },
    race(round, random) {
      value.fill(((round + 1) << 8) | cpu.id)
      if (role === 'delete' && cpu.id === roles.indexOf('delete') && round % PREEMPTED === 1)
        program(cpu, preemptedDelete)
      for (let turn = 0; turn < TURNS; turn++) {
        acts[role](maps[turn % maps.length], random)
        rcuQuiescentState(cpu)
      }
      return 0
    },
    verify(round) {
      const wrong = wrongWith(words, sk)
      if (wrong) return wrong
      for (const selem of elementsOf(words, sk)) {
        const left = words[selem + SELEM.value + 1] >> 8
        if (left !== round + 1) return `a value of round ${left - 1} is left`
      }
      for (const map of maps) fdDeleteElem(cpu, map, fd)
      return wrongWith(words, sk)
    },
  })
  sockPut(cpu, sk)
  for (const map of maps) mapPut(cpu, map)
}
