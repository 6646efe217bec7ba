import { describe, expect, it } from 'vitest'
import { CALLBACK_BITS, type Callback } from '../../src/sync/cpu.ts'
import { pushGracePeriod } from '../../src/sync/grace-period.ts'
import { rcuOffline, rcuOnline, rcuQuiescentState } from '../../src/sync/quiescent-state.ts'
import { rcuReadLock, rcuReadUnlock } from '../../src/sync/rcu.ts'
import {
  advanceCallbacks,
  callbacksPending,
  callRcu,
  handOverCallbacks,
  invokeCallbacks,
  kfreeRcu,
  RCU_HEAD,
} from '../../src/sync/rcu-callback.ts'
import { RCU } from '../../src/sync/rcu-layout.ts'
import { runOrphans, synchronizeRcu } from '../../src/sync/synchronize-rcu.ts'
import { readWorkBell } from '../../src/sync/work-bell.ts'
import {
  chain,
  changesIn,
  expectBug,
  expectBugUntouched,
  interrupt,
  newHead,
  numbers,
  own,
  ownAt,
  type Setting,
  setNumbers,
  setting,
} from './setting.ts'

/** A CPU with callbacks, and a reader who keeps grace periods from ending. */
function withReader(callbacks: readonly Callback[] = []) {
  const house = setting(3, callbacks)
  const [cpu, reader, other] = house.cpus
  rcuOnline(cpu)
  rcuOnline(reader)
  return { house, cpu, reader, other }
}

function queued(house: Setting, n: number, func = 0): number[] {
  return Array.from({ length: n }, () => {
    const head = newHead(house)
    callRcu(house.cpus[0], head, func)
    return head
  })
}

const orphans = ({ words, rcu }: Setting) => chain(words, words[rcu + RCU.orphans])

describe('callRcu', () => {
  it('writes only the heads and the CPU’s private line', () => {
    const { house, cpu } = withReader()
    const [first, second] = [newHead(house), newHead(house)]
    const changes = changesIn(house, () => {
      callRcu(cpu, first, 7)
      callRcu(cpu, second, 9)
    })
    expect(changes).toEqual([
      [ownAt(cpu, 'nextHead'), 0, first],
      [ownAt(cpu, 'nextTail'), 0, second],
      [ownAt(cpu, 'callbacks'), 0, 2],
      [first + RCU_HEAD.next, 0, second],
      [first + RCU_HEAD.func, 0, 7],
      [second + RCU_HEAD.func, 0, 9],
    ])
  })

  it('is allowed in a read section, where most things are unlinked', () => {
    const { house, cpu } = withReader()
    rcuReadLock(cpu)
    queued(house, 1)
    rcuReadUnlock(cpu)
    expect(own(cpu, 'callbacks')).toBe(1)
  })

  it('is refused on an offline CPU, which would never run it, and leaves the lists alone', () => {
    const house = setting(2)
    const head = newHead(house)
    const message = 'callRcu on CPU 1, which is offline: nobody would run the callback; call rcuOnline first'
    expectBugUntouched(house, 'cpu-offline', message, () => callRcu(house.cpus[1], head, 0))
    expectBugUntouched(house, 'cpu-offline', message, () => kfreeRcu(house.cpus[1], head))
  })

  it('names the callback by the low bits of func and hands it the whole word and the head', () => {
    const calls: number[][] = []
    const { house, cpu, reader } = withReader([() => calls.push([-1]), (_, head, func) => calls.push([head, func])])
    const func = 2 | (0x2345678 << CALLBACK_BITS)
    const [head] = queued(house, 1, func)
    rcuOffline(reader)
    rcuOffline(cpu)
    expect(calls).toEqual([[head, func]])
  })

  it('runs the callback on the CPU that queued it, outside of read sections, not allowed to sleep', () => {
    const seen: unknown[] = []
    const { house, cpu, reader } = withReader([
      (here) => {
        seen.push(here.id, own(here, 'nesting'))
        expectBug('sleep-in-callback', 'synchronizeRcu inside an RCU callback on CPU 0: callbacks may not sleep', () =>
          synchronizeRcu(here),
        )
      },
    ])
    queued(house, 1, 1)
    rcuOffline(reader)
    advanceCallbacks(cpu)
    expect(seen).toEqual([0, 0])
    expect(own(cpu, 'inCallback')).toBe(0)
    synchronizeRcu(cpu)
  })
})

describe('kfreeRcu', () => {
  it('leaves the func word that the allocator wrote', () => {
    const calls: number[] = []
    const { house, cpu, reader } = withReader([(_, __, func) => calls.push(func)])
    const head = newHead(house)
    house.words[head + RCU_HEAD.func] = 0x1230_0001
    kfreeRcu(cpu, head)
    rcuOffline(reader)
    advanceCallbacks(cpu)
    expect(calls).toEqual([0x1230_0001])
  })
})

describe('advanceCallbacks', () => {
  it('runs nothing before every section open at callRcu has ended', () => {
    const { house, cpu, reader } = withReader()
    rcuReadLock(reader)
    const heads = queued(house, 2)
    for (let i = 0; i < 5; i++) {
      advanceCallbacks(cpu)
      expect(house.ran).toEqual([])
    }
    rcuReadUnlock(reader)
    rcuQuiescentState(reader)
    advanceCallbacks(cpu)
    expect(house.ran).toEqual(heads)
    expect(own(cpu, 'callbacks')).toBe(0)
  })

  it('does not take the grace period in progress for one that covers new callbacks: it may have begun before they were unlinked', () => {
    const { house, cpu, reader, other } = withReader()
    rcuQuiescentState(cpu)
    pushGracePeriod(other)
    rcuQuiescentState(cpu)
    const inProgress = numbers(house).started
    const heads = queued(house, 1)
    advanceCallbacks(cpu)
    expect(own(cpu, 'waitFor')).toBe(inProgress + 2)
    rcuQuiescentState(reader)
    rcuReadLock(reader)
    advanceCallbacks(cpu)
    expect(numbers(house).completed).toBe(inProgress)
    expect(house.ran).toEqual([])
    rcuReadUnlock(reader)
    rcuQuiescentState(reader)
    advanceCallbacks(cpu)
    expect(house.ran).toEqual(heads)
  })

  it('needs no second visit where nobody is left to wait for', () => {
    const { house, cpu, reader } = withReader()
    rcuOffline(reader)
    const heads = queued(house, 3)
    advanceCallbacks(cpu)
    expect(house.ran).toEqual(heads)
  })

  it('runs callbacks in the order in which they were queued, over several batches', () => {
    const { house, cpu, reader } = withReader()
    const heads: number[] = []
    for (let batch = 0; batch < 10; batch++) {
      heads.push(...queued(house, 3))
      rcuQuiescentState(reader)
      advanceCallbacks(cpu)
    }
    rcuOffline(reader)
    for (let i = 0; i < 3; i++) advanceCallbacks(cpu)
    expect(house.ran).toEqual(heads)
  })

  it('keeps what is queued behind a waiting batch until that has run', () => {
    const { house, cpu, reader } = withReader()
    const first = queued(house, 2)
    advanceCallbacks(cpu)
    const second = queued(house, 2)
    advanceCallbacks(cpu)
    expect(chain(house.words, own(cpu, 'waitHead'))).toEqual(first)
    expect(chain(house.words, own(cpu, 'nextHead'))).toEqual(second)
    rcuQuiescentState(reader)
    advanceCallbacks(cpu)
    expect(house.ran).toEqual(first)
    expect(chain(house.words, own(cpu, 'waitHead'))).toEqual(second)
    expect([own(cpu, 'nextHead'), own(cpu, 'nextTail'), own(cpu, 'callbacks')]).toEqual([0, 0, 2])
  })

  it('lets a callback free its head: what is needed was taken first', () => {
    const { house, cpu, reader } = withReader([
      (here, head) => {
        house.ran.push(head)
        here.words.fill(-1, head, head + RCU_HEAD.SIZE)
      },
    ])
    const heads = queued(house, 3, 1)
    rcuOffline(reader)
    advanceCallbacks(cpu)
    expect(house.ran).toEqual(heads)
  })

  it('gives callbacks that callbacks queue a grace period of their own, and counts them', () => {
    const second: number[] = []
    const { house, cpu, reader } = withReader([
      (here, head) => {
        house.ran.push(head)
        callRcu(here, second.push(newHead(house)) && second[second.length - 1], 0)
      },
    ])
    const first = queued(house, 3, 1)
    advanceCallbacks(cpu)
    rcuQuiescentState(reader)
    advanceCallbacks(cpu)
    expect(house.ran).toEqual(first)
    expect(own(cpu, 'callbacks')).toBe(3)
    rcuQuiescentState(reader)
    advanceCallbacks(cpu)
    expect(house.ran).toEqual([...first, ...second])
    expect(own(cpu, 'callbacks')).toBe(0)
  })

  it('loses none that a callback queued on the way offline', () => {
    const second: number[] = []
    const { house, cpu, reader, other } = withReader([
      (here, head) => {
        house.ran.push(head)
        second.push(newHead(house))
        callRcu(here, second[0], 0)
      },
    ])
    const first = queued(house, 1, 1)
    advanceCallbacks(cpu)
    rcuQuiescentState(reader)
    rcuOffline(cpu)
    expect(house.ran).toEqual(first)
    expect(orphans(house)).toEqual(second)
    rcuOffline(reader)
    expect(runOrphans(other)).toBe(1)
    expect(house.ran).toEqual([...first, ...second])
  })

  it('does not run callbacks inside a callback', () => {
    let depth = 0
    const depths: number[] = []
    const { house, cpu, reader } = withReader([
      (here) => {
        depths.push(++depth)
        callRcu(here, newHead(house), 0)
        advanceCallbacks(here)
        depth--
      },
    ])
    rcuOffline(reader)
    queued(house, 2, 1)
    advanceCallbacks(cpu)
    expect(depths).toEqual([1, 1])
  })

  it.each([0x7fff_fffb, -5])('goes on across the wrap of the numbers, from %i', (number) => {
    const house = setting(2)
    setNumbers(house, number)
    const [cpu, reader] = house.cpus
    rcuOnline(cpu)
    rcuOnline(reader)
    const heads: number[] = []
    for (let round = 0; round < 8; round++) {
      heads.push(...queued(house, 1))
      advanceCallbacks(cpu)
      expect(own(cpu, 'waitFor')).toBe(numbers(house).started)
      expect(house.ran).toEqual(heads.slice(0, -1))
      rcuQuiescentState(reader)
      advanceCallbacks(cpu)
      expect(house.ran).toEqual(heads)
    }
    expect(Math.sign(number)).toBe(-Math.sign(numbers(house).started))
  })
})

describe('rcuQuiescentState', () => {
  it('looks after callbacks by itself when 64 new ones have come together, and again with the next 64', () => {
    const { house, cpu } = withReader()
    rcuQuiescentState(cpu)
    const { started } = numbers(house)
    const before = queued(house, 63)
    rcuQuiescentState(cpu)
    expect([own(cpu, 'waitHead'), numbers(house).started]).toEqual([0, started])
    before.push(...queued(house, 1))
    rcuQuiescentState(cpu)
    expect(chain(house.words, own(cpu, 'waitHead'))).toEqual(before)
    expect(numbers(house).started).toBe(started + 2)
  })

  it('looks after few callbacks when somebody else’s grace period comes by', () => {
    const { house, cpu, reader, other } = withReader()
    rcuQuiescentState(cpu)
    const heads = queued(house, 1)
    for (let i = 0; i < 3; i++) {
      pushGracePeriod(other)
      rcuQuiescentState(cpu)
      rcuQuiescentState(reader)
      pushGracePeriod(other)
    }
    expect(house.ran).toEqual(heads)
  })
})

describe('a callback', () => {
  it('that comes to a quiescent state runs no other inside itself, though that has its grace period', () => {
    let inside = 0
    const house = setting(1, [
      (cpu, head) => {
        inside++
        // Queued in here it could be run in here: nobody else is online.
        if (inside === 1) callRcu(cpu, head, 1)
        advanceCallbacks(cpu)
        expect(inside).toBe(1)
        inside--
      },
    ])
    const [cpu] = house.cpus
    rcuOnline(cpu)
    callRcu(cpu, newHead(house), 1)
    advanceCallbacks(cpu)
    expect(own(cpu, 'inCallback')).toBe(0)
  })

  it('that queues itself again lets the CPU go on: one visit runs it once', () => {
    let runs = 0
    const house = setting(1, [
      (cpu, head, func) => {
        if (++runs < 50) callRcu(cpu, head, func)
      },
    ])
    const [cpu] = house.cpus
    rcuOnline(cpu)
    callRcu(cpu, newHead(house), 1)
    advanceCallbacks(cpu)
    expect(runs).toBe(1)
    advanceCallbacks(cpu)
    expect(runs).toBe(2)
  })
})

describe('invokeCallbacks', () => {
  it('runs the chain in order, says how long it was, and marks the CPU only meanwhile', () => {
    const marks: number[] = []
    const { house, cpu } = withReader([(here) => marks.push(own(here, 'inCallback'))])
    const heads = queued(house, 2)
    heads.push(...queued(house, 1, 1))
    expect(invokeCallbacks(cpu, own(cpu, 'nextHead'))).toBe(3)
    expect(house.ran).toEqual(heads.slice(0, 2))
    expect(marks).toEqual([1])
    expect(own(cpu, 'inCallback')).toBe(0)
    expect(invokeCallbacks(cpu, 0)).toBe(0)
  })
})

describe('handOverCallbacks', () => {
  it('leaves nothing on the CPU, everything with the orphans, and rings for the kworker', () => {
    const { house, cpu, reader } = withReader()
    rcuReadLock(reader)
    const waiting = queued(house, 2)
    advanceCallbacks(cpu)
    const next = queued(house, 3)
    const bell = readWorkBell(cpu)
    handOverCallbacks(cpu)
    // Chain by chain the newest first, each in its own order.
    expect(orphans(house)).toEqual([...next, ...waiting])
    const fields = ['waitHead', 'nextHead', 'nextTail', 'callbacks', 'callbackLimit'] as const
    expect(fields.map((field) => own(cpu, field))).toEqual([0, 0, 0, 0, 0])
    expect(readWorkBell(cpu)).toBe(bell + 1)
    expect(house.ran).toEqual([])
  })

  it('does nothing, and rings for nobody, where there are none', () => {
    const { house, cpu } = withReader()
    expect(changesIn(house, () => handOverCallbacks(cpu))).toEqual([])
  })

  it('sets the orphans of several CPUs one before the other, also when two do so at once', () => {
    const { house, cpu, reader, other } = withReader()
    rcuReadLock(reader)
    rcuOnline(other)
    const mine = queued(house, 2)
    const theirs = [newHead(house), newHead(house)]
    for (const head of theirs) callRcu(other, head, 0)
    interrupt(
      'compareExchange',
      (at) => at === house.rcu + RCU.orphans,
      () => handOverCallbacks(other),
    )
    handOverCallbacks(cpu)
    expect(orphans(house)).toEqual([...mine, ...theirs])
  })

  it('sets what waits for a grace period before the orphans there are, and loses none of them', () => {
    const { house, cpu, reader, other } = withReader()
    rcuReadLock(reader)
    rcuOnline(other)
    const before = newHead(house)
    callRcu(other, before, 0)
    rcuOffline(other)
    const waiting = queued(house, 3)
    advanceCallbacks(cpu)
    expect(own(cpu, 'nextHead')).toBe(0)
    handOverCallbacks(cpu)
    expect(orphans(house)).toEqual([...waiting, before])
  })

  it('lets a CPU that comes back begin with empty lists', () => {
    const { house, cpu, reader, other } = withReader()
    rcuReadLock(reader)
    const before = queued(house, 2)
    rcuOffline(cpu)
    rcuOnline(cpu)
    const after = queued(house, 1)
    rcuReadUnlock(reader)
    rcuOffline(reader)
    // One visit for the grace period that was in progress, one for its own.
    advanceCallbacks(cpu)
    advanceCallbacks(cpu)
    expect(house.ran).toEqual(after)
    rcuOffline(cpu)
    expect(runOrphans(other)).toBe(2)
    expect(house.ran).toEqual([...after, ...before])
  })
})

describe('callbacksPending', () => {
  it('tells of this CPU’s callbacks and of orphans, until they have run', () => {
    const { house, cpu, reader, other } = withReader()
    rcuReadLock(reader)
    expect(callbacksPending(cpu)).toBe(false)
    queued(house, 1)
    expect(callbacksPending(cpu)).toBe(true)
    expect(callbacksPending(other)).toBe(false)
    rcuOffline(cpu)
    expect(callbacksPending(cpu)).toBe(true)
    expect(callbacksPending(other)).toBe(true)
    rcuReadUnlock(reader)
    rcuOffline(reader)
    runOrphans(other)
    expect(callbacksPending(other)).toBe(false)
  })
})
