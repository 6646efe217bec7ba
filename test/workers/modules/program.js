/**
 * Programs, one per packet: well behaved ones, and one for each rule that the verifier has.
 */

import {
  bpfSkStorageDelete,
  bpfSkStorageGet,
  bpfSpinLockAcquire as lock,
  bpfSpinLockRelease as unlock,
} from '../../../dist/src/index.js'
import { rcuReadLock } from '../../../dist/src/sync/rcu.js'

const LOCK = 1
const F_CREATE = 1

export default ({ cpu, maps, args }) => {
  const { words } = cpu
  const get = (sk, map = maps.first) => bpfSkStorageGet(cpu, map, sk, null, F_CREATE)
  const ways = {
    count(sk) {
      const value = get(sk)
      if (value === 0) return
      lock(cpu, value + LOCK)
      words[value]++
      unlock(cpu, value + LOCK)
    },
    helperUnderLock(sk) {
      lock(cpu, get(sk) + LOCK)
      bpfSkStorageDelete(cpu, maps.first, sk)
    },
    secondLock(sk) {
      const [one, two] = [get(sk), get(sk, maps.second)]
      lock(cpu, one + LOCK)
      lock(cpu, two + LOCK)
    },
    lockAtExit(sk) {
      lock(cpu, get(sk) + LOCK)
    },
    readSectionAtExit() {
      rcuReadLock(cpu)
    },
    throwsInFirstRun() {
      throw new TypeError('planted')
    },
  }
  if (args.how === 'throwsWhenLoaded' && cpu.id === 1) throw new TypeError('planted')
  return ways[args.how] ?? ways.count
}
