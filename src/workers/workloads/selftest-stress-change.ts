/**
 * The kernel's test `stress_change`: all threads at one socket, the odd ones update its element, the even ones delete
 * it.
 *
 * An update may lose a race, EAGAIN, and a delete may find nothing, ENOENT; anything else is wrong.
 * Model: test_sk_storage_map_stress_change(), commit 03ab8e6297ac.
 */

import { EAGAIN, ENOENT, errnoName } from '../../shared/errno.ts'
import { mapGet } from '../../shared/map.ts'
import { mapPut } from '../../shared/map-ref.ts'
import type { BpfMap } from '../../shared/pointer.ts'
import { fdDeleteElem, fdUpdateElem } from '../../shared/sk-storage.ts'
import { BPF_ANY } from '../../shared/update-flags.ts'
import { rcuQuiescentState } from '../../sync/quiescent-state.ts'
import type { CallContext } from '../task.ts'
import { rendezvous } from './rendezvous.ts'
import { MAX_WRONG, SELFTEST_MAP, type SelftestArgs, type SelftestReport, SHARED_FD } from './selftest-report.ts'

/** Operations between two looks at the clock. */
const CHUNK = 256

export default (context: CallContext): SelftestReport => {
  const { cpu, sys, stopping } = context
  const { words, milliseconds } = context.args as SelftestArgs
  const first = cpu.id === 0
  const socket = first ? sys.socket({ family: 10 }) : 0
  if (first) {
    // The map's descriptor follows the socket's, in the word behind it.
    Atomics.store(words, SHARED_FD, socket)
    Atomics.store(words, SHARED_FD + 1, sys.mapCreate(SELFTEST_MAP))
  }
  const wrong: string[] = []
  let rounds = 0
  if (rendezvous(context, words)) {
    const fd = Atomics.load(words, SHARED_FD)
    const map = mapGet(cpu, Atomics.load(words, SHARED_FD + 1)) as BpfMap
    const end = performance.now() + milliseconds
    while (performance.now() < end && !stopping()) {
      for (let i = 0; i < CHUNK; i++) change(context, map, fd, wrong)
      rounds += CHUNK
    }
    mapPut(cpu, map)
    rendezvous(context, words)
  }
  if (first) {
    sys.close(socket)
    sys.close(Atomics.load(words, SHARED_FD + 1))
  }
  return { rounds, wrong }
}

function change({ cpu }: CallContext, map: BpfMap, fd: number, wrong: string[]): void {
  const odd = (cpu.id & 1) === 1
  const result = odd ? fdUpdateElem(cpu, map, fd, Int32Array.of(cpu.id, 0), BPF_ANY) : fdDeleteElem(cpu, map, fd)
  const tolerated = odd ? EAGAIN : ENOENT
  rcuQuiescentState(cpu)
  if (result === 0 || result === -tolerated || wrong.length >= MAX_WRONG) return
  wrong.push(
    `CPU ${cpu.id}: ${odd ? 'update' : 'delete'}: got ${errnoName(result)}, expected 0 or ${errnoName(tolerated)}`,
  )
}
