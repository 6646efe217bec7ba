/**
 * How often the common paths touch what CPUs share: each atomic step costs as much as ten plain ones, and a line that
 * two CPUs write costs more than that.
 *
 * These guard speed, and nothing else: they say how the work is done, and not what must hold. Code with another step
 * more may be right and turn one of them red; then the question is whether the step is worth it, and the number is
 * changed here. No other test of the ground floor counts steps.
 */

import { describe, expect, it } from 'vitest'
import { hlistAddHeadRcuLockless, hlistDelInitRcuLockless } from '../../src/shared/hlist.ts'
import { SOCK } from '../../src/shared/records.ts'
import { skStorageGet } from '../../src/shared/sk-storage.ts'
import { omemCharge } from '../../src/shared/sk-storage-elem.ts'
import { PERCPU } from '../../src/sync/cpu.ts'
import { runDeferredWork } from '../../src/sync/deferred-work.ts'
import { mutexLock } from '../../src/sync/mutex.ts'
import { rcuOnline, rcuQuiescentState } from '../../src/sync/quiescent-state.ts'
import {
  hintLoad,
  rcuAssignPointer,
  rcuDereference,
  rcuReadLock,
  rcuReadUnlock,
  writeOnce,
} from '../../src/sync/rcu.ts'
import { callRcu } from '../../src/sync/rcu-callback.ts'
import { RCU } from '../../src/sync/rcu-layout.ts'
import { refcountIncNotZero } from '../../src/sync/refcount.ts'
import { spinLock, spinUnlock } from '../../src/sync/spin-lock.ts'
import { own, ownAt, recordAtomics, setting } from '../sync/setting.ts'
import { house, MODES, reading, socket, storageMap } from './setting.ts'

/** A CPU that is online, with another one. */
function online() {
  const given = setting(2)
  const [cpu] = given.cpus
  rcuOnline(cpu)
  rcuQuiescentState(cpu)
  return { ...given, cpu }
}

describe('no atomic step', () => {
  it('begins or ends a read section', () => {
    const { cpu } = online()
    const steps = recordAtomics()
    rcuReadLock(cpu)
    rcuReadUnlock(cpu)
    expect(steps).toEqual([])
  })

  it('dereferences a pointer, or looks for a hint; one publishes it, and none clears it', () => {
    const { cpu, take } = online()
    const slot = take()
    const steps = recordAtomics()
    rcuAssignPointer(cpu.words, slot, 1234)
    expect([rcuDereference(cpu.words, slot), hintLoad(cpu.words, slot)]).toEqual([1234, 1234])
    writeOnce(cpu.words, slot, 0)
    expect(steps).toEqual([`store ${slot}`])
  })

  it('finds an element that is cached', () => {
    const { cpu } = house()
    const { map } = storageMap(cpu)
    const { sk } = socket(cpu)
    const get = (flags: number) => reading(cpu, () => skStorageGet(cpu, map, sk, null, flags))
    const made = get(1)
    expect(get(0)).toBe(made)
    const steps = recordAtomics()
    expect(get(0)).toBe(made)
    expect(steps).toEqual([])
  })

  it('links a node back, or ends a list: only what publishes takes one', () => {
    const { words, take } = online()
    const [head, first, second] = [take(), take(), take()]
    hlistAddHeadRcuLockless(words, first, head)
    const steps = recordAtomics()
    hlistAddHeadRcuLockless(words, second, head)
    expect(steps).toEqual([`store ${head}`])
    hlistDelInitRcuLockless(words, first)
    expect(steps).toHaveLength(1)
    hlistDelInitRcuLockless(words, second)
    expect(steps).toHaveLength(1)
  })

  it('is in a quiescent state where nothing has happened', () => {
    const { cpu } = online()
    const steps = recordAtomics()
    rcuQuiescentState(cpu)
    expect(steps).toEqual([])
  })

  it('queues a callback, or looks after a few of them', () => {
    const { cpu, take } = online()
    const steps = recordAtomics()
    for (let i = 0; i < 63; i++) {
      take()
      callRcu(cpu, take(), 7)
    }
    rcuQuiescentState(cpu)
    expect(steps).toEqual([])
    expect(own(cpu, 'callbacks')).toBe(63)
  })

  it('of the mutex is taken by the kworker where there is nothing to do', () => {
    const { cpus, rcu } = setting(1)
    const steps = recordAtomics()
    expect(runDeferredWork(cpus[0])).toBe(0)
    expect(steps.filter((step) => step.endsWith(` ${rcu + RCU.orphanMutex}`))).toEqual([])
  })
})

describe('one atomic step', () => {
  it('takes a free lock, one releases it, and none wakes anybody', () => {
    const { cpu, take } = online()
    const lock = take()
    const steps = recordAtomics()
    spinLock(cpu, lock)
    spinUnlock(cpu, lock)
    expect(steps).toEqual([`compareExchange ${lock}`, `compareExchange ${lock}`])
  })

  it('takes a free mutex', () => {
    const { cpu, take } = online()
    const mutex = take()
    const steps = recordAtomics()
    mutexLock(cpu, mutex)
    expect(steps).toEqual([`compareExchange ${mutex}`])
  })

  it('takes a reference where there is one', () => {
    const { words, take } = online()
    const count = take()
    words[count] = 4
    const steps = recordAtomics()
    expect(refcountIncNotZero(words, count)).toBe(true)
    expect(steps).toEqual([`compareExchange ${count}`])
  })

  it.each(MODES)('charges a socket where there is room ($mode)', ({ sanitize }) => {
    const { cpu } = house({ sanitize, optmemMax: 300 })
    const { sk } = socket(cpu)
    const at = sk + SOCK.omemAlloc
    const steps = recordAtomics()
    expect(omemCharge(cpu, sk, 200)).toBe(true)
    expect(steps.filter((step) => step.endsWith(` ${at}`))).toEqual([`compareExchange ${at}`])
  })
})

it('the words of a quiescent state that others read are written when it has news for them, and not else', () => {
  const { cpu, words } = online()
  const before = words.slice(cpu.base, cpu.base + PERCPU.SIZE)
  rcuQuiescentState(cpu)
  expect(words.slice(cpu.base, cpu.base + PERCPU.SIZE)).toEqual(before)
  expect(words[ownAt(cpu, 'quiescent')]).not.toBe(0)
})
