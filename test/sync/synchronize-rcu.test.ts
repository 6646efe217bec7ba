import { describe, expect, it } from 'vitest'
import { type Cpu, PERCPU, WAITING_GRACE_PERIOD } from '../../src/sync/cpu.ts'
import { pushGracePeriod } from '../../src/sync/grace-period.ts'
import { lockOwner } from '../../src/sync/lock-word.ts'
import { mutexLock, mutexUnlock } from '../../src/sync/mutex.ts'
import { rcuIsOnline, rcuOffline, rcuOnline, rcuQuiescentState } from '../../src/sync/quiescent-state.ts'
import { rcuReadLock, rcuReadUnlock } from '../../src/sync/rcu.ts'
import { callRcu } from '../../src/sync/rcu-callback.ts'
import { GRACE_PERIOD_STEP, RCU } from '../../src/sync/rcu-layout.ts'
import { spinLock, spinUnlock } from '../../src/sync/spin-lock.ts'
import { rcuBarrier, runOrphans, synchronizeRcu } from '../../src/sync/synchronize-rcu.ts'
import {
  chain,
  expectBugUntouched,
  gracePeriodsIn,
  interrupt,
  neverParking,
  newHead,
  numbers,
  own,
  ownAt,
  type Setting,
  setNumbers,
  setting,
  whileParked,
} from './setting.ts'
import { allDone, allowForThreads, eventually, REAL_THREADS, runThreads, startThreads } from './threads.ts'

allowForThreads()

const orphans = ({ words, rcu }: Setting) => chain(words, words[rcu + RCU.orphans])

describe.each([
  ['synchronizeRcu', synchronizeRcu],
  ['rcuBarrier', rcuBarrier],
  ['runOrphans', runOrphans],
])('%s', (name, wait) => {
  // runOrphans sleeps on its mutex first.
  const what = name === 'runOrphans' ? 'mutexLock' : name

  it('throws in a read section, under a lock, in a callback and on a CPU that may not wait, and changes nothing', () => {
    const house = setting(2)
    const cpu = house.cpus[1]
    rcuOnline(cpu)
    rcuReadLock(cpu)
    const inSection = `${what} inside an RCU read section on CPU 1: it would wait for itself`
    expectBugUntouched(house, 'sleep-in-read-section', inSection, () => wait(cpu))
    rcuReadUnlock(cpu)

    const lock = house.take()
    spinLock(cpu, lock)
    const underLock = `${what} with 1 spin lock held on CPU 1: release before sleeping`
    expectBugUntouched(house, 'sleep-under-lock', underLock, () => wait(cpu))
    spinUnlock(cpu, lock)

    house.words[cpu.base + PERCPU.inCallback] = 1
    const inCallback = `${what} inside an RCU callback on CPU 1: callbacks may not sleep`
    expectBugUntouched(house, 'sleep-in-callback', inCallback, () => wait(cpu))
    house.words[cpu.base + PERCPU.inCallback] = 0

    const onMain = `${what} on CPU 1, which may not wait: call it on a worker CPU`
    expectBugUntouched(house, 'may-not-wait', onMain, () => wait(neverParking(cpu)))
    expect(rcuIsOnline(cpu)).toBe(true)
  })

  it('leaves an online CPU online and an offline one offline', () => {
    const house = setting(1)
    const [cpu] = house.cpus
    wait(cpu)
    expect(rcuIsOnline(cpu)).toBe(false)
    expect(own(cpu, 'quiescent')).toBe(0)
    rcuOnline(cpu)
    wait(cpu)
    expect(rcuIsOnline(cpu)).toBe(true)
    expect(own(cpu, 'quiescent')).toBe(numbers(house).started)
  })
})

describe('synchronizeRcu', () => {
  it('takes one grace period, and parks for nobody, where no other CPU is online', () => {
    const house = setting(3)
    rcuOnline(house.cpus[0])
    // Nobody is NULL: the word there is no CPU's report.
    house.words[0] = house.words[house.rcu + RCU.started]
    expect(gracePeriodsIn(house, () => synchronizeRcu(house.cpus[0]))).toBe(1)
  })

  it('waits for the read section that was open when it was called, offline itself', () => {
    const house = setting(2)
    const [cpu, reader] = house.cpus
    rcuOnline(cpu)
    rcuOnline(reader)
    rcuReadLock(reader)
    const { completed } = numbers(house)
    const ended: boolean[] = []
    whileParked((at) => {
      expect(at).toBe(ownAt(reader, 'quiescent'))
      expect(own(cpu, 'quiescent')).toBe(0)
      expect(numbers(house).completed).toBe(completed)
      rcuReadUnlock(reader)
      ended.push(true)
      rcuQuiescentState(reader)
    })
    expect(gracePeriodsIn(house, () => synchronizeRcu(cpu))).toBe(1)
    expect(ended).toEqual([true])
  })

  it('does not wait for a section that begins after it was called, but for the report behind it', () => {
    const house = setting(2)
    const [cpu, reader] = house.cpus
    rcuOnline(reader)
    whileParked(() => {
      rcuQuiescentState(reader)
      rcuReadLock(reader)
    })
    expect(gracePeriodsIn(house, () => synchronizeRcu(cpu))).toBe(1)
    expect(own(reader, 'nesting')).toBe(1)
  })

  it('takes the next grace period when one is in progress, which may have begun before the unlink', () => {
    const house = setting(3)
    const [cpu, reader, other] = house.cpus
    rcuOnline(reader)
    pushGracePeriod(other)
    whileParked(() => rcuQuiescentState(reader))
    expect(gracePeriodsIn(house, () => synchronizeRcu(cpu))).toBe(2)
  })

  it('shares its grace period with who calls meanwhile', () => {
    const house = setting(4)
    const [cpu, reader, second, third] = house.cpus
    rcuOnline(reader)
    let depth = 0
    const inside: number[] = []
    // The first parks and the others call; they wait for the grace period behind it, both for the same.
    whileParked(() => {
      depth++
      if (depth === 1) inside.push(gracePeriodsIn(house, () => synchronizeRcu(second)))
      else if (depth === 2) inside.push(gracePeriodsIn(house, () => synchronizeRcu(third)))
      else rcuQuiescentState(reader)
    })
    expect(gracePeriodsIn(house, () => synchronizeRcu(cpu))).toBe(2)
    expect(inside).toEqual([2, 2])
  })

  it.each([0x7fff_fffb, -5])('goes on across the wrap of the numbers, from %i', (number) => {
    const house = setting(3)
    setNumbers(house, number)
    const [cpu, reader, offline] = house.cpus
    rcuOnline(reader)
    whileParked(() => rcuQuiescentState(reader))
    for (let i = 1; i <= 8; i++) {
      synchronizeRcu(cpu)
      const now = (number + i * GRACE_PERIOD_STEP) | 0
      expect(numbers(house)).toEqual({ started: now, completed: now })
      expect(own(reader, 'quiescent')).toBe(now)
      expect(own(offline, 'quiescent')).toBe(0)
    }
  })

  it('hands the caller’s callbacks to the kworker, since it is offline while it waits', () => {
    const house = setting(2)
    const [cpu, reader] = house.cpus
    rcuOnline(cpu)
    rcuOnline(reader)
    const head = newHead(house)
    callRcu(cpu, head, 0)
    whileParked(() => {
      expect(orphans(house)).toEqual([head])
      rcuQuiescentState(reader)
    })
    synchronizeRcu(cpu)
    expect(own(cpu, 'callbacks')).toBe(0)
    expect(house.ran).toEqual([])
  })
})

describe('runOrphans', () => {
  it('runs what CPUs left behind, after a grace period, and says how many', () => {
    const house = setting(4)
    const [kworker, first, second, reader] = house.cpus
    const heads = [newHead(house), newHead(house), newHead(house)]
    for (const cpu of [first, second, reader]) rcuOnline(cpu)
    rcuReadLock(reader)
    callRcu(first, heads[0], 0)
    callRcu(second, heads[1], 0)
    callRcu(second, heads[2], 0)
    rcuOffline(first)
    rcuOffline(second)
    whileParked(() => {
      expect(house.ran).toEqual([])
      if (own(reader, 'nesting') > 0) rcuReadUnlock(reader)
      rcuQuiescentState(reader)
    })
    expect(runOrphans(kworker)).toBe(3)
    expect([...house.ran].sort((a, b) => a - b)).toEqual(heads)
    expect(orphans(house)).toEqual([])
    expect(house.words[house.rcu + RCU.orphanMutex]).toBe(0)
  })

  it('waits for nothing where there are none', () => {
    const house = setting(2)
    rcuOnline(house.cpus[1])
    expect(gracePeriodsIn(house, () => expect(runOrphans(house.cpus[0])).toBe(0))).toBe(0)
  })

  it('leaves those that come meanwhile to the next time: they need a grace period of their own', () => {
    const house = setting(3)
    const [kworker, cpu, reader] = house.cpus
    const heads = [newHead(house), newHead(house)]
    rcuOnline(reader)
    const leave = (head: number) => {
      rcuOnline(cpu)
      callRcu(cpu, head, 0)
      rcuOffline(cpu)
    }
    leave(heads[0])
    let late = false
    whileParked(() => {
      if (!late) leave(heads[1])
      late = true
      rcuQuiescentState(reader)
    })
    expect(runOrphans(kworker)).toBe(1)
    expect(house.ran).toEqual([heads[0]])
    expect(runOrphans(kworker)).toBe(1)
    expect(house.ran).toEqual(heads)
  })

  it('lets an orphan queue callbacks on the CPU that runs it', () => {
    const house = setting(3, [(cpu) => callRcu(cpu, second, 0)])
    const [kworker, cpu, reader] = house.cpus
    const [first, second] = [newHead(house), newHead(house)]
    rcuOnline(kworker)
    rcuOnline(cpu)
    rcuOnline(reader)
    callRcu(cpu, first, 1)
    rcuOffline(cpu)
    whileParked(() => rcuQuiescentState(reader))
    expect(runOrphans(kworker)).toBe(1)
    expect(own(kworker, 'callbacks')).toBe(1)
    rcuOffline(reader)
    rcuQuiescentState(kworker)
    rcuOffline(kworker)
    expect(house.ran).toEqual([second])
  })

  it('holds the mutex from taking them until the last has run, so that a barrier does not overtake it', () => {
    const owners: number[] = []
    const house = setting(3, [({ words, rcu }) => owners.push(lockOwner(words, rcu + RCU.orphanMutex))])
    const [cpu, reader, kworker] = house.cpus
    rcuOnline(cpu)
    rcuOnline(reader)
    callRcu(cpu, newHead(house), 1)
    rcuOffline(cpu)
    whileParked(() => {
      owners.push(lockOwner(house.words, house.rcu + RCU.orphanMutex))
      rcuQuiescentState(reader)
    })
    runOrphans(kworker)
    expect(owners.length).toBeGreaterThan(1)
    expect(new Set(owners)).toEqual(new Set([kworker.id]))
  })
})

describe('rcuBarrier', () => {
  it('runs the callbacks of the CPU that calls it', () => {
    const house = setting(2)
    const [cpu, reader] = house.cpus
    rcuOnline(cpu)
    rcuOnline(reader)
    const heads = [newHead(house), newHead(house)]
    for (const head of heads) callRcu(cpu, head, 0)
    whileParked(() => rcuQuiescentState(reader))
    rcuBarrier(cpu)
    expect(house.ran).toEqual(heads)
  })

  it('waits for orphans that the kworker is about to run', () => {
    const house = setting(3)
    const [cpu, kworker, left] = house.cpus
    const mutex = house.rcu + RCU.orphanMutex
    const head = newHead(house)
    rcuOnline(left)
    rcuOnline(cpu)
    callRcu(left, head, 0)
    rcuOffline(cpu)
    mutexLock(kworker, mutex)
    // The kworker has taken the batch and waits for its grace period while the barrier comes.
    whileParked((at) => {
      if (at === mutex) {
        house.ran.push(-1)
        mutexUnlock(kworker, mutex)
      } else {
        rcuQuiescentState(left)
      }
    })
    rcuBarrier(cpu)
    expect(house.ran).toContain(-1)
    expect(house.ran).toContain(head)
  })

  it('does not overtake a kworker that is about to take orphans: it runs them itself, or waits until they have run', () => {
    const house = setting(3)
    const [cpu, kworker, left] = house.cpus
    const head = newHead(house)
    rcuOnline(left)
    rcuOnline(cpu)
    callRcu(left, head, 0)
    rcuOffline(left)
    let behind: number[] = []
    interrupt(
      'compareExchange',
      (at) => at === house.rcu + RCU.orphanMutex,
      () => {
        rcuBarrier(cpu)
        behind = [...house.ran]
      },
    )
    runOrphans(kworker)
    expect(behind).toEqual([head])
    expect(house.ran).toEqual([head])
  })

  it('takes four grace periods and not five', () => {
    const house = setting(2)
    rcuOnline(house.cpus[1])
    whileParked(() => rcuQuiescentState(house.cpus[1]))
    expect(gracePeriodsIn(house, () => rcuBarrier(house.cpus[0]))).toBe(4)
  })

  it('does not promise callbacks that callbacks queue in turn', () => {
    const house = setting(3, [
      (cpu, head) => {
        house.ran.push(head)
        if (house.ran.length < 100) callRcu(cpu, newHead(house), 1)
      },
    ])
    const [cpu, queuer, reader] = house.cpus
    rcuOnline(queuer)
    rcuOnline(reader)
    callRcu(queuer, newHead(house), 1)
    whileParked(() => {
      rcuQuiescentState(queuer)
      rcuQuiescentState(reader)
    })
    rcuBarrier(cpu)
    expect(house.ran.length).toBeGreaterThanOrEqual(1)
    expect(house.ran.length).toBeLessThan(6)
  })

  /**
   * The state that needs the fourth. CPU 2 keeps a grace period S in progress; CPU 1's older callback waits for S + 1,
   * so the younger stays in `next`. The barrier's first is S + 1 too. From then on CPU 1 always reports before CPU 2
   * does: reporting S + 1 the older is not ripe yet, reporting S + 2 it is and the younger gets S + 3, which is ripe
   * only at the report of S + 4.
   */
  it('needs the fourth: an older callback takes up the list during the first, and reports come early', () => {
    const house = setting(4)
    const [cpu, queuer, reader, other] = house.cpus
    const [older, younger] = [newHead(house), newHead(house)]
    rcuOnline(queuer)
    rcuOnline(reader)
    pushGracePeriod(other)
    const inProgress = numbers(house).started
    callRcu(queuer, older, 0)
    rcuQuiescentState(queuer)
    callRcu(queuer, younger, 0)
    expect(own(queuer, 'waitFor')).toBe(inProgress + GRACE_PERIOD_STEP)
    expect(own(queuer, 'nextHead')).toBe(younger)
    const seen: [number, number[]][] = []
    whileParked(() => {
      rcuQuiescentState(queuer)
      seen.push([(own(queuer, 'quiescent') - inProgress) / GRACE_PERIOD_STEP, [...house.ran]])
      rcuQuiescentState(reader)
    })
    rcuBarrier(cpu)
    expect(house.ran).toEqual([older, younger])
    // What had run when CPU 1 reported each of them: at the third the younger had not.
    expect(seen).toContainEqual([1, []])
    expect(seen).toContainEqual([2, [older]])
    expect(seen).toContainEqual([3, [older]])
    expect(seen).toContainEqual([4, [older, younger]])
  })

  describe('finds callbacks in every state of the lists that five steps lead to', () => {
    /** What may happen before the barrier; a step that makes no sense in a state is left out. */
    const steps: Record<string, (house: Setting) => void> = {
      queueFirst: ({ cpus }) => rcuIsOnline(cpus[1]) && callRcu(cpus[1], cursor.take(), 0),
      queueSecond: ({ cpus }) => rcuIsOnline(cpus[2]) && callRcu(cpus[2], cursor.take(), 0),
      reportFirst: ({ cpus }) => rcuQuiescentState(cpus[1]),
      reportSecond: ({ cpus }) => rcuQuiescentState(cpus[2]),
      toggleFirst: ({ cpus }) => toggle(cpus[1]),
      push: ({ cpus }) => void pushGracePeriod(cpus[3]),
    }
    /** What the two others do each time the barrier parks; `turn` counts. */
    const policies: Record<string, (first: Cpu, second: Cpu, turn: number) => void> = {
      'the first reports before the second': (first, second) => {
        rcuQuiescentState(first)
        rcuQuiescentState(second)
      },
      'the second before the first': (first, second) => {
        rcuQuiescentState(second)
        rcuQuiescentState(first)
      },
      'one at a time': (first, second, turn) => rcuQuiescentState(turn % 2 === 0 ? first : second),
      'the first comes and goes': (first, second, turn) => {
        if (turn % 3 === 2) toggle(first)
        rcuQuiescentState(first)
        rcuQuiescentState(second)
      },
      'the first is gone after three reports': (first, second, turn) => {
        if (turn < 3) rcuQuiescentState(first)
        else if (rcuIsOnline(first)) rcuOffline(first)
        rcuQuiescentState(second)
      },
      'both queue more': (first, second, turn) => {
        for (const cpu of [first, second]) if (turn < 10 && rcuIsOnline(cpu)) callRcu(cpu, cursor.take(), 0)
        rcuQuiescentState(first)
        rcuQuiescentState(second)
      },
    }

    function toggle(cpu: Cpu): void {
      if (rcuIsOnline(cpu)) rcuOffline(cpu)
      else rcuOnline(cpu)
    }

    /** Fresh heads for the state at hand. */
    const cursor = {
      at: 0,
      take() {
        this.at += 2
        return this.at
      },
    }

    it.each(Object.keys(policies))('while %s', (policy) => {
      const house = setting(4)
      const { words, cpus } = house
      const heads = house.take(1024)
      rcuOnline(cpus[1])
      rcuOnline(cpus[2])
      const fresh = words.slice(0, heads)
      let turn = 0
      whileParked(() => policies[policy](cpus[1], cpus[2], turn++))
      const names = Object.keys(steps)
      const missed: string[] = []
      let states = 0
      for (let number = 0; number < names.length ** 5; number++) {
        words.set(fresh)
        cursor.at = heads
        house.ran.length = 0
        turn = 0
        const history: string[] = []
        for (let n = number, i = 0; i < 5; i++, n = Math.floor(n / names.length)) history.push(names[n % names.length])
        // Without a callback there is nothing to find, and a barrier that queues first has been seen.
        if (!history.some((name) => name.startsWith('queue'))) continue
        for (const name of history) steps[name](house)
        const before = cursor.at
        rcuBarrier(cpus[0])
        const ran = new Set(house.ran)
        for (let head = heads + 2; head <= before; head += 2) if (!ran.has(head)) missed.push(history.join(' '))
        states++
      }
      expect(missed.slice(0, 5), `of ${states} states`).toEqual([])
      expect(states).toBe(names.length ** 5 - (names.length - 2) ** 5)
    })
  })
})

describe.runIf(REAL_THREADS)('on real threads', () => {
  it('waiters that come during one grace period share the next', async () => {
    const house = setting(7)
    const [reader, ...waiters] = house.cpus
    const counter = house.take()
    rcuOnline(reader)
    rcuReadLock(reader)
    const { completed } = numbers(house)
    const job = { file: 'rcu-jobs', job: 'synchronize', args: { rounds: 1, counter } } as const
    const threads = await startThreads(
      house,
      1,
      waiters.map(() => job),
    )
    const parked = (cpu: Cpu) => own(cpu, 'waitingKind') === WAITING_GRACE_PERIOD
    await eventually(house, 'all wait', () => waiters.every(parked))
    expect(house.words[counter]).toBe(0)
    rcuReadUnlock(reader)
    await eventually(house, 'all are done', () => {
      rcuQuiescentState(reader)
      return house.words[counter] === waiters.length
    })
    rcuOffline(reader)
    await allDone(house, threads)
    // One or two, and perhaps one more: a waiter that had just looked may begin one that nobody needs.
    expect((numbers(house).completed - completed) / GRACE_PERIOD_STEP).toBeLessThanOrEqual(3)
  })

  /**
   * `reporters` CPUs that do nothing but report, and `updaters` that each wait for `rounds` grace periods. Returns how
   * many it took.
   */
  async function synchronizing(number: number, reporters: number, updaters: number, rounds: number): Promise<number> {
    const house = setting(reporters + updaters)
    setNumbers(house, number)
    const [stop, left, counter] = [house.take(), house.take(), house.take()]
    const behind = Array.from({ length: reporters }, () => house.take())
    house.words[left] = updaters
    const args = { rounds, counter, stop, left, behind }
    await runThreads(house, 0, [
      ...behind.map((online) => ({ file: 'rcu-jobs', job: 'report', args: { stop, online } }) as const),
      ...Array.from({ length: updaters }, () => ({ file: 'rcu-jobs', job: 'synchronize', args }) as const),
    ])
    expect(house.words[counter]).toBe(updaters * rounds)
    return ((numbers(house).completed - number) | 0) / GRACE_PERIOD_STEP
  }

  it('several updaters in a row share grace periods with each other', async () => {
    const took = await synchronizing(1, 2, 5, 200)
    expect(took).toBeGreaterThanOrEqual(200)
    expect(took).toBeLessThan(1_000)
  })

  it.each([0x7fff_ffff - 100, -101])('and get across the wrap of the numbers, from %i', async (number) => {
    expect(await synchronizing(number, 1, 3, 100)).toBeGreaterThanOrEqual(100)
  })

  it('a waiter that dies parked stops nobody else', async () => {
    const house = setting(4)
    const [reader, ...waiters] = house.cpus
    const counter = house.take()
    rcuOnline(reader)
    const job = { file: 'rcu-jobs', job: 'synchronize', args: { rounds: 1, counter } } as const
    const threads = await startThreads(house, 1, [job, job, job])
    await eventually(house, 'all wait', () => waiters.every((cpu) => own(cpu, 'waitingKind') === WAITING_GRACE_PERIOD))
    await threads[0].kill()
    await eventually(house, 'the others are done', () => {
      rcuQuiescentState(reader)
      return house.words[counter] === 2
    })
    await allDone(house, threads.slice(1))
    expect(gracePeriodsIn(house, () => synchronizeRcu(reader))).toBeGreaterThan(0)
  })

  it('rcuBarrier misses no callback of CPUs that queue, report, come and go, with a kworker beside it', async () => {
    const house = setting(6)
    const [stop, left] = [house.take(), house.take()]
    const count = 400
    house.words[left] = 2
    const queues = Array.from({ length: 3 }, () => ({ heads: house.take(3 * count), queued: house.take(), count }))
    const file = 'rcu-jobs' as const
    const results = await runThreads<{ missed: number; checked: number }>(house, 0, [
      { file, job: 'barrier', args: { stop, left, queues, rounds: 40 } },
      { file, job: 'barrier', args: { stop, left, queues, rounds: 40 } },
      { file, job: 'kworker', args: { stop } },
      ...queues.map((queue) => ({ file, job: 'queue', args: { stop, ...queue } })),
    ])
    for (const { missed, checked } of results.slice(0, 2)) {
      expect(missed).toBe(0)
      expect(checked).toBeGreaterThan(0)
    }
  })

  /**
   * The same claim where a CPU is slow. CPU 2 looks whether its older callback is ripe, which it is not yet; before its
   * next line, which pushes the grace period in progress, that one completes and another begins, and CPU 1 reports it.
   * If CPU 2 could now complete one that it has not reported itself, the younger callback would get the last of the
   * barrier's four and run behind it.
   */
  it('rcuBarrier misses no callback of a CPU that is slow between looking after its callbacks and pushing the grace period', async () => {
    const load = Atomics.load
    const slow = (_: Cpu, head: number) => {
      house.ran.push(head)
      Atomics.store(words, hold, 0)
      soon(500, () => period() === 3)
    }
    const house: Setting = setting(4, [slow])
    const { words, cpus } = house
    const [barrier, reader, queuer, other] = cpus
    const [hold, done] = [house.take(), house.take()]
    const startedAt = house.rcu + RCU.started
    const first = words[startedAt] + GRACE_PERIOD_STEP
    /** Grace periods begun since the one that is in progress when the barrier is called: its own first is 1. */
    const period = () => (load(words, startedAt) - first) / GRACE_PERIOD_STEP
    /** Gives the barrier’s thread time to get there; if it never does, the test goes on and finds that out. */
    const soon = (ms: number, condition: () => boolean) => {
      for (const deadline = performance.now() + ms; !condition() && performance.now() < deadline; );
    }
    /** Whether the barrier has parked `times` times so far, and is parked on CPU 1. */
    const parked = (times: number) =>
      own(barrier, 'waits') === times && own(barrier, 'waitingAt') === ownAt(reader, 'quiescent')

    rcuOnline(reader)
    rcuOnline(queuer)
    pushGracePeriod(other)
    const [older, younger] = [newHead(house), newHead(house)]
    callRcu(queuer, older, 1)
    rcuQuiescentState(queuer)
    callRcu(queuer, younger, 0)

    const threads = await startThreads(house, 0, [{ file: 'rcu-jobs', job: 'slowBarrier', args: { hold, done } }])
    await eventually(house, 'the barrier waits for CPU 1', () => parked(1))
    rcuQuiescentState(reader)
    await eventually(house, 'it does so again, in its first grace period', () => period() === 1 && parked(2))
    rcuQuiescentState(queuer)

    // So many new ones that it looks after them again without a new number to report.
    for (let i = 0; i < 64; i++) callRcu(queuer, newHead(house), 0)
    let loads = 0
    interrupt(
      'load',
      (word) => word === startedAt && ++loads === 2,
      () => {
        expect(house.ran).toEqual([])
        rcuQuiescentState(reader)
        soon(5_000, () => period() === 2 && parked(3))
        Atomics.store(words, hold, 1)
        rcuQuiescentState(reader)
      },
    )
    rcuQuiescentState(queuer)
    Atomics.store(words, hold, 0)

    // From here on CPU 2 reports each grace period, and CPU 1 behind it.
    await eventually(house, 'the barrier returns', () => {
      if (load(words, done) === 1) return true
      const reported = [queuer, reader].every((cpu) => own(cpu, 'quiescent') === load(words, startedAt))
      if (!reported) for (const cpu of [queuer, reader]) rcuQuiescentState(cpu)
      return false
    })
    expect(house.ran, 'both callbacks have run when the barrier returns').toEqual(
      expect.arrayContaining([older, younger]),
    )
    await allDone(house, threads)
  })
})
