import { describe, expect, it } from 'vitest'
import { check } from '../../../src/explore/explore.ts'
import { replay } from '../../../src/explore/failure/replay.ts'
import {
  ALLOC,
  ALLOC_BEGIN,
  ALOAD,
  ARENA,
  ASTORE,
  AWAIT,
  BARRIER,
  CALLBACK,
  CAS,
  DEREF,
  FREE,
  FREE_END,
  GRACE,
  HINT,
  LOCK,
  NOTIFY,
  PAUSE,
  RANGE_WRITE,
  READ,
  READ_ENTER,
  READ_EXIT,
  RMW,
  TRYLOCK,
  UNLOCK,
  WAIT,
  WRITE,
  WRITE_ONCE,
} from '../../../src/explore/runtime/kinds.ts'
import { runtime as $e } from '../../../src/explore/runtime/runtime.ts'
import type { Twin } from '../../../src/explore/runtime/twin.ts'
import type { Options, Scenario } from '../../../src/explore/scenario.ts'

it('are refused by a name that none has, since all would go on looking', () => {
  const scenario = { setup: () => ({}), threads: [function* () {}] }
  const detect = (options: object) => () => check(scenario, { detect: options })
  expect(detect({ races: false })).toThrow("explore: detect: got 'races', expected deadlocks, heap, ")
  expect(detect({ leaks: 0 })).toThrow('explore: detect.leaks: got number, expected a boolean')
  expect(detect({ leaks: undefined })).not.toThrow()
})

type Shared = { words: Int32Array; bytes: Uint8Array }
interface Private extends Shared {
  count: number
  list: unknown[]
  cache: Map<number, number>
  bytes8: Uint8Array
}
const shared = (): Shared => {
  const words = new Int32Array(new SharedArrayBuffer(256))
  return { words, bytes: new Uint8Array(words.buffer) }
}
const find = (
  threads: readonly ((s: Shared) => Twin)[],
  { after, invariant, ...options }: Partial<Scenario<Shared>> & Options = {},
  setup: () => Shared = shared,
) => check({ setup, threads, ...(after && { after }), ...(invariant && { invariant }) }, options)

function* read({ words }: Shared, at: number, kind = READ): Twin<number> {
  $e.op(kind, 0, words, at) || (yield)
  return words[at]
}
function* write({ words }: Shared, at: number, value: number): Twin<void> {
  $e.op(WRITE, 0, words, at) || (yield)
  words[at] = value
}
function* writeOnce({ words }: Shared, at: number, value: number): Twin<void> {
  $e.op(WRITE_ONCE, 0, words, at, value) || (yield)
  words[at] = value
}
function* store({ words }: Shared, at: number, value: number): Twin<void> {
  $e.op(ASTORE, 0, words, at) || (yield)
  Atomics.store(words, at, value)
}
function* load({ words }: Shared, at: number): Twin<number> {
  $e.op(ALOAD, 0, words, at) || (yield)
  return Atomics.load(words, at)
}
function* simple(kind: number, { words }: Shared, at = 0, a?: unknown): Twin<void> {
  $e.op(kind, 0, words, at, a) || (yield)
}

/** Threads from functions that return a generator. */
const each = (...threads: ((s: Shared) => Twin)[]) =>
  threads.map(
    (thread) =>
      function* (s: Shared): Twin {
        return yield* thread(s)
      },
  )

describe('a data race', () => {
  it('is two unordered plain accesses, one of which stores', () => {
    expect(
      find(
        each(
          (s) => write(s, 0, 1),
          (s) => read(s, 0),
        ),
      ).violation?.kind,
    ).toBe('data-race')
    expect(
      find(
        each(
          (s) => read(s, 0),
          (s) => read(s, 0),
        ),
      ).violation,
    ).toBeNull()
    expect(
      find(
        each(
          (s) => write(s, 0, 1),
          (s) => read(s, 1),
        ),
      ).violation,
    ).toBeNull()
  })

  it('is not there when both are atomic on the same bytes, and is when their sizes differ', () => {
    expect(
      find(
        each(
          (s) => store(s, 0, 1),
          (s) => load(s, 0),
        ),
      ).violation,
    ).toBeNull()
    const byte = function* ({ bytes }: Shared): Twin<number> {
      $e.op(ALOAD, 0, bytes, 2) || (yield)
      return Atomics.load(bytes, 2)
    }
    expect(find(each((s) => store(s, 0, 1), byte)).violation?.kind).toBe('data-race')
  })

  it('is told by bytes: a range that overlaps, also partly', () => {
    const fill = (from: number, to: number) =>
      function* ({ words }: Shared): Twin<void> {
        $e.op(RANGE_WRITE, 0, words, from, to) || (yield)
        words.fill(7, from, to)
      }
    expect(find(each(fill(0, 4), (s) => read(s, 3))).violation?.kind).toBe('data-race')
    expect(find(each(fill(0, 4), (s) => read(s, 4))).violation).toBeNull()
  })

  const message = (publish: typeof store, get: (s: Shared) => Twin<number>) =>
    find([
      function* (s) {
        yield* write(s, 8, 42)
        yield* publish(s, 0, 1)
      },
      function* (s) {
        if ((yield* get(s)) === 1) return yield* read(s, 8)
        return -1
      },
    ])

  it('is ordered away by an atomic load that reads the atomic store, not by plain ones or a hint', () => {
    expect(message(store, (s) => load(s, 0)).violation).toBeNull()
    expect(message(write, (s) => load(s, 0)).violation?.kind).toBe('data-race')
    expect(message(store, (s) => read(s, 0)).violation?.kind).toBe('data-race')
    expect(message(store, (s) => read(s, 0, HINT)).violation?.kind).toBe('data-race')
    expect(
      message(store, (s) => load(s, 0))
        .outcomes.map(({ outcome }) => outcome)
        .sort(),
    ).toEqual(['undefined | -1', 'undefined | 42'])
  })

  it('is ordered away by a lock that covers both, by a grace period, and by wait and notify', () => {
    const locked = function* (s: Shared): Twin<void> {
      yield* simple(LOCK, s, 1)
      yield* write(s, 0, (yield* read(s, 0)) + 1)
      yield* simple(UNLOCK, s, 1)
    }
    const both = find([locked, locked], { after: ({ words }) => expect(words[0]).toBe(2) })
    expect(both).toMatchObject({ violation: null, complete: 2 })
    const wait = function* (s: Shared): Twin<void> {
      yield* simple(WAIT, s, 1, 0)
      if ($e.result === 'ok') yield* read(s, 0)
    }
    const notify = function* (s: Shared): Twin<void> {
      yield* write(s, 0, 1)
      yield* simple(NOTIFY, s, 1)
      yield* store(s, 1, 1)
      yield* simple(NOTIFY, s, 1)
    }
    expect(find([wait, notify]).violation).toBeNull()
  })
})

describe('a marked store', () => {
  const against = (other: (s: Shared) => Twin<unknown>) => find(each((s) => writeOnce(s, 0, 1), other)).violation?.kind

  it('may race with a dereference or a hint, and with nothing else', () => {
    expect(against((s) => read(s, 0, DEREF))).toBeUndefined()
    expect(against((s) => read(s, 0, HINT))).toBeUndefined()
    expect(against((s) => read(s, 0))).toBe('data-race')
    expect(against((s) => write(s, 0, 2))).toBe('data-race')
    expect(against((s) => writeOnce(s, 0, 2))).toBe('data-race')
    expect(against((s) => load(s, 0))).toBe('data-race')
    expect(against((s) => store(s, 0, 2))).toBe('data-race')
    expect(against((s) => simple(RMW, s, 0, 1))).toBe('data-race')
    expect(against((s) => read(s, 1))).toBeUndefined()
  })

  it('is seen by a load that a lock orders behind it, and orders nothing by itself', () => {
    const locked = (step: (s: Shared) => Twin<unknown>) =>
      function* (s: Shared): Twin<void> {
        yield* simple(LOCK, s, 1)
        yield* step(s)
        yield* simple(UNLOCK, s, 1)
      }
    expect(find([locked((s) => writeOnce(s, 0, 1)), locked((s) => read(s, 0))]).violation).toBeNull()
    const message = (get: number) =>
      find([
        function* (s) {
          yield* write(s, 8, 42)
          yield* writeOnce(s, 0, 1)
        },
        function* (s) {
          if ((yield* read(s, 0, get)) === 1) yield* read(s, 8)
        },
      ]).violation?.kind
    expect(message(HINT)).toBe('data-race')
    expect(message(DEREF)).toBe('data-race')
  })
})

/** An object of `size` words at `at`, made by a thread. */
function* alloc({ words }: Shared, at: number, size: number): Twin<number> {
  $e.op(ALLOC_BEGIN, 0)
  $e.op(ALLOC, 0, words, at, size, 'object') || (yield)
  return at
}
function* free({ words }: Shared, at: number): Twin<void> {
  $e.op(FREE, 0, words, at) || (yield)
  $e.op(FREE_END, 0)
}

describe('a dereference', () => {
  /** Publishes object 16, whose words were stored before, and `extra`, a word outside it. */
  const publication = (publish: typeof store, look: (s: Shared) => Twin<unknown>) =>
    find(
      [
        function* (s) {
          yield* alloc(s, 16, 4)
          yield* write(s, 17, 5)
          yield* write(s, 40, 6)
          yield* publish(s, 0, 16)
        },
        function* (s) {
          return yield* look(s)
        },
      ],
      { detect: { leaks: false } },
    )

  it('orders the object it points to behind its atomic publication', () => {
    const look = function* (s: Shared): Twin<number> {
      const at = yield* read(s, 0, DEREF)
      return at === 0 ? 0 : yield* read(s, at + 1)
    }
    const result = publication(store, look)
    expect(result.violation).toBeNull()
    expect(result.outcomes.map(({ outcome }) => outcome).sort()).toEqual(['undefined | 0', 'undefined | 5'])
  })

  it('does not order an unrelated word that the publisher stored before', () => {
    const look = function* (s: Shared): Twin<number> {
      return (yield* read(s, 0, DEREF)) === 0 ? 0 : yield* read(s, 40)
    }
    expect(publication(store, look).violation?.kind).toBe('data-race')
  })

  it('of a pointer that a plain store published is a race', () => {
    const look = (s: Shared) => read(s, 0, DEREF)
    expect(publication(write, look).violation?.kind).toBe('data-race')
  })

  it('may meet a marked store, which unlinks the object and does not publish one', () => {
    const look = function* (s: Shared): Twin<number> {
      const at = yield* read(s, 0, DEREF)
      return at === 0 ? 0 : yield* read(s, at + 1)
    }
    expect(publication(writeOnce, look).violation?.kind).toBe('data-race')
    const unlinked = function* (s: Shared): Twin<void> {
      yield* store(s, 0, 16)
      yield* writeOnce(s, 0, 0)
    }
    const result = publication(unlinked, look)
    expect(result).toMatchObject({ violation: null, complete: 3 })
  })

  it('carries on through the next dereference: an object that hangs off the published one is ordered too', () => {
    const chain = (second: number) =>
      find(
        [
          function* (s) {
            yield* alloc(s, 16, 4)
            yield* alloc(s, 24, 4)
            yield* write(s, 25, 7)
            yield* write(s, 16, 24)
            yield* store(s, 0, 16)
          },
          function* (s) {
            const first = yield* read(s, 0, DEREF)
            if (first === 0) return 0
            const next = yield* read(s, first, second)
            return yield* read(s, next + 1)
          },
        ],
        { detect: { leaks: false } },
      )
    expect(chain(DEREF).violation).toBeNull()
    expect(chain(READ).violation?.kind).toBe('data-race')
  })
})

describe('the heap', () => {
  const twice = function* (s: Shared): Twin<void> {
    yield* alloc(s, 16, 4)
    yield* free(s, 16)
    yield* free(s, 16)
  }

  it('shows a use after free, with the three places', () => {
    const result = find([
      function* (s) {
        yield* alloc(s, 16, 4)
        yield* free(s, 16)
        yield* read(s, 18)
      },
    ])
    expect(result.violation).toMatchObject({ kind: 'use-after-free' })
    expect(result.violation!.why).toHaveLength(3)
  })

  it('shows a use after free in a run where the use came first, since nothing orders the two', () => {
    const result = check(
      {
        setup: () => {
          const s = shared()
          $e.op(ALLOC, 0, s.words, 16, 4, 'object')
          return s
        },
        threads: each(
          (s) => read(s, 17),
          (s) => free(s, 16),
        ),
      },
      { maxExecutions: 1 },
    )
    expect(result.violation?.kind).toBe('use-after-free')
  })

  it('shows a double free', () => expect(find([twice]).violation?.kind).toBe('double-free'))

  it('shows an overflow and a wild access inside a declared arena', () => {
    const arena = () => {
      const s = shared()
      $e.op(ARENA, 0, s.words, 16, 64)
      return s
    }
    const over = (offset: number) =>
      find(
        [
          function* (s) {
            const at = yield* alloc(s, 16, 4)
            yield* store(s, 0, at)
            yield* write(s, at + offset, 1)
          },
        ],
        {},
        arena,
      )
    expect(over(3).violation).toBeNull()
    expect(over(4).violation).toMatchObject({ kind: 'overflow' })
    expect(over(4).violation!.message).toContain('past the end')
    expect(over(20).violation!.message).toContain('no object')
  })

  it('takes what leaps into a living object for an access to that, and words outside of the arena for no object', () => {
    const leap = (offset: number) => {
      const thread = function* (s: Shared): Twin<void> {
        const at = yield* alloc(s, 16, 4)
        yield* store(s, 0, at)
        yield* store(s, 1, yield* alloc(s, 24, 4))
        yield* write(s, at + offset, 1)
      }
      return find([thread], {}, () => {
        const s = shared()
        $e.op(ARENA, 0, s.words, 16, 64)
        return s
      }).violation
    }
    expect(leap(7)).toMatchObject({ kind: 'overflow' })
    for (const offset of [8, 11, -8]) expect(leap(offset)).toBeNull()
  })

  it('shows a leak: an object that nothing refers to at the end', () => {
    const leaky = (keep: boolean) =>
      find([
        function* (s) {
          const at = yield* alloc(s, 16, 4)
          if (keep) yield* store(s, 0, at)
        },
      ])
    expect(leaky(true).violation).toBeNull()
    expect(leaky(false).violation?.kind).toBe('leak')
  })

  it('lets the allocator itself touch what it owns', () => {
    const result = find([
      function* (s) {
        yield* alloc(s, 16, 4)
        $e.op(FREE, 0, s.words, 16) || (yield)
        yield* write(s, 16, 99)
        $e.op(FREE_END, 0)
      },
    ])
    expect(result.violation).toBeNull()
  })
})

describe('locks', () => {
  const order = (first: number, second: number) =>
    function* (s: Shared): Twin<void> {
      yield* simple(LOCK, s, first)
      yield* simple(LOCK, s, second)
      yield* simple(UNLOCK, s, second)
      yield* simple(UNLOCK, s, first)
    }

  it('in a deadlock are shown with the circle of who waits for whom', () => {
    const result = find([order(1, 2), order(2, 1)], { detect: { locks: false } })
    expect(result.violation?.kind).toBe('deadlock')
    expect(result.violation!.message).toContain('held by')
    expect(result.violation!.preemptions).toBe(1)
  })

  it('taken in two orders are a finding though no run deadlocked, if not all were run', () => {
    const start = function* (s: Shared): Twin<void> {
      yield* order(1, 2)(s)
      yield* store(s, 0, 1)
    }
    const then = function* (s: Shared): Twin<void> {
      yield* simple(AWAIT, s, 0, (value: number) => value === 1)
      yield* order(2, 1)(s)
    }
    const result = find([start, then], { maxPreemptions: 1 })
    expect(result.violation?.kind).toBe('lock-order')
    expect(result.blocked).toBe(0)
    const all = find([start, then])
    expect(all).toMatchObject({ violation: null, exhaustive: true, notes: [{ kind: 'lock-order' }] })
  })

  it('are misused by a double unlock, by unlocking what another holds, by ending with one held', () => {
    const double = function* (s: Shared): Twin<void> {
      yield* simple(LOCK, s, 1)
      yield* simple(UNLOCK, s, 1)
      yield* simple(UNLOCK, s, 1)
    }
    const other = each(
      (s) => simple(LOCK, s, 1),
      (s) => simple(UNLOCK, s, 1),
    )
    expect(find([double]).violation).toMatchObject({ kind: 'lock-misuse' })
    expect(find([double]).violation!.message).toContain('not locked')
    expect(find(other).violation?.kind).toBe('lock-misuse')
    expect(find(each((s) => simple(LOCK, s, 1))).violation!.message).toContain('ends while holding')
  })

  it('may not be held while sleeping or waiting for a grace period', () => {
    const under = (kind: number) =>
      function* (s: Shared): Twin<void> {
        yield* simple(LOCK, s, 1)
        yield* simple(kind, s, 2, 0)
        yield* simple(UNLOCK, s, 1)
      }
    for (const kind of [WAIT, GRACE, BARRIER]) expect(find([under(kind)]).violation?.kind).toBe('lock-misuse')
  })

  it('a lock taken twice by one thread is a deadlock with itself', () => {
    const result = find([
      function* (s) {
        yield* simple(LOCK, s, 1)
        yield* simple(LOCK, s, 1)
      },
    ])
    expect(result.violation?.kind).toBe('deadlock')
    expect(result.violation!.message).toContain('holds itself')
  })
})

describe('grace periods', () => {
  it('inside a read section wait for themselves, which is reported', () => {
    const result = find([
      function* (s) {
        yield* simple(READ_ENTER, s)
        yield* simple(GRACE, s)
        yield* simple(READ_EXIT, s)
      },
    ])
    expect(result.violation?.kind).toBe('lock-misuse')
  })

  it('make the free that follows them safe for readers who dereferenced, and nothing else does', () => {
    const withWait = (wait: boolean) =>
      check<Shared>({
        setup: () => {
          const s = shared()
          $e.op(ALLOC, 0, s.words, 16, 4, 'object')
          s.words[0] = 16
          return s
        },
        threads: [
          function* (s) {
            yield* store(s, 0, 0)
            if (wait) yield* simple(GRACE, s)
            yield* free(s, 16)
          },
          function* (s) {
            yield* simple(READ_ENTER, s)
            const at = yield* read(s, 0, DEREF)
            if (at !== 0) yield* read(s, at + 1)
            yield* simple(READ_EXIT, s)
          },
        ],
      })
    expect(withWait(true)).toMatchObject({ violation: null, redundant: 0, exhaustive: true })
    expect(withWait(false).violation?.kind).toBe('use-after-free')
  })

  it('let a barrier wait for every callback queued before it', () => {
    const result = find(
      [
        function* (s) {
          $e.op(CALLBACK, 0, () => write(s, 3, 1)) || (yield)
          yield* simple(BARRIER, s)
          return yield* read(s, 3)
        },
      ],
      {},
    )
    expect(result).toMatchObject({ violation: null, complete: 1 })
    expect(result.outcomes[0].outcome).toBe('1')
  })
})

describe('also found are', () => {
  it('a livelock: no end within the bound on steps, with what repeats', () => {
    const spin = function* (s: Shared): Twin<void> {
      for (;;) {
        $e.op(RMW, 0, s.words, 0) || (yield)
        Atomics.add(s.words, 0, 1)
        $e.op(PAUSE, 0) || (yield)
      }
    }
    const result = find([spin], { maxSteps: 500 })
    expect(result.violation?.kind).toBe('livelock')
    expect(result.violation!.message).toContain('rmw')
  })

  it('an exception in a thread, with the error as its cause', () => {
    const result = find([
      function* (s) {
        if ((yield* load(s, 0)) === 0) throw new RangeError('zero')
      },
    ])
    expect(result.violation).toMatchObject({ kind: 'assertion' })
    expect(result.violation!.error).toBeInstanceOf(RangeError)
  })

  it('an invariant that does not hold between two stores, in whatever order the others run', () => {
    const move = function* (s: Shared): Twin<void> {
      yield* store(s, 0, 1)
      yield* store(s, 1, 1)
    }
    const invariant = ({ words }: Shared) => words[0] === words[1]
    expect(find([move], { invariant }).violation?.kind).toBe('invariant')
    expect(find([move], { invariant: ({ words }) => words[0] >= words[1] }).violation).toBeNull()
    // x = 1 and y = 1 are independent, so without the invariant one order stands for both.
    const independent = each(
      (s) => store(s, 0, 1),
      (s) => store(s, 1, 1),
    )
    expect(find(independent, { invariant: ({ words }) => words[0] >= words[1] }).violation?.kind).toBe('invariant')
    expect(find(independent, { invariant: ({ words }) => words[0] <= words[1] }).violation?.kind).toBe('invariant')
  })

  it('a program that does something else under the same schedule', () => {
    let runs = 0
    const result = find(
      each(
        function* (s) {
          yield* load(s, runs++)
        },
        (s) => store(s, 0, 1),
        (s) => store(s, 0, 2),
      ),
    )
    expect(result.violation?.kind).toBe('nondeterminism')
  })

  it('state that a thread changed outside shared memory, by its name', () => {
    const changing = (change: (state: Private) => void) => {
      const result = check({
        // Of what holds a function there is no copy for each thread.
        setup: () => ({
          ...shared(),
          count: 0,
          list: [1, { deep: 'a' }],
          cache: new Map([[5, 6]]),
          bytes8: new Uint8Array(4),
          holds: () => {},
        }),
        threads: [
          function* (state: Private): Twin<void> {
            yield* load(state, 0)
            change(state)
          },
        ],
      })
      return result.violation && `${result.violation.kind}: ${result.violation.message}`
    }
    const changed = (what: string) =>
      `nondeterminism: a thread changed ${what}, outside of shared memory: the next execution would not start from what setup made`
    expect(changing((state) => void state.count++)).toBe(changed('count (0 -> 1)'))
    expect(changing((state) => void (state.list[1] = 2))).toBe(changed('list[1].deep ("a" -> nothing)'))
    expect(changing((state) => void state.list.push(2))).toBe(changed('list.length (2 -> 3)'))
    expect(changing((state) => void state.cache.set(5, 7))).toBe(changed('cache[5] (6 -> 7)'))
    expect(changing((state) => void state.bytes8.fill(1))).toBe(
      changed('bytes8 (the bytes 0,0,0,0 -> the bytes 1,1,1,1)'),
    )
    expect(changing((state) => void (state.count = state.count * 2))).toBeNull()
    expect(changing((state) => void [...state.list, 3])).toBeNull()
  })

  it('a plain function that touches shared memory while a thread runs', () => {
    const result = find([
      function* (s) {
        yield* load(s, 0)
        $e.plain(READ, 0, s.words, 1)
      },
    ])
    expect(result.violation?.kind).toBe('refused')
  })
})

describe('a circle of locks', () => {
  const both = function* (s: Shared, first: number, second: number): Twin<void> {
    yield* simple(LOCK, s, first)
    yield* simple(LOCK, s, second)
    yield* simple(UNLOCK, s, second)
    yield* simple(UNLOCK, s, first)
  }

  it('that one execution shows is shrunk like any other fault, and said where it could not be avoided any more', () => {
    const thread = (first: number, second: number) =>
      function* (s: Shared): Twin<void> {
        for (let i = 0; i < 3; i++) yield* store(s, 8 + first, i)
        yield* both(s, first, second)
      }
    const { violation } = find([thread(1, 2), thread(2, 1)], {
      strategy: 'random',
      seed: 2,
      detect: { deadlocks: false },
    })
    expect(violation?.found.preemptions).toBeGreaterThan(0)
    expect(violation).toMatchObject({ kind: 'lock-order', preemptions: 0, inflection: 5 })
    expect(violation!.why).toHaveLength(2)
  })

  it('is not made by a trylock, also while another circle is shrunk', () => {
    const tries = function* (s: Shared): Twin<void> {
      yield* simple(LOCK, s, 2)
      $e.op(TRYLOCK, 0, s.words, 1) || (yield)
      if ($e.result === true) yield* simple(UNLOCK, s, 1)
      yield* simple(UNLOCK, s, 2)
    }
    const last = function* (s: Shared): Twin<void> {
      yield* both(s, 1, 2)
      yield* both(s, 3, 4)
      yield* both(s, 4, 3)
    }
    const { violation } = find([tries, last], { strategy: 'random', seed: 1 })
    expect(violation).toMatchObject({ kind: 'lock-order' })
    expect(violation!.why.join()).not.toMatch(/\[[12]\]/)
  })

  it('that two executions make together is not shrunk, and is told to need both', () => {
    /** Only one of the two threads comes to take its locks. */
    const first = (flag: number, a: number, b: number) =>
      function* (s: Shared): Twin<void> {
        $e.op(CAS, 0, s.words, 0, 0, flag) || (yield)
        if (Atomics.compareExchange(s.words, 0, 0, flag) === 0) yield* both(s, a, b)
      }
    const scenario = { setup: shared, threads: [first(1, 1, 2), first(2, 2, 1)] }
    const { violation, executions } = check(scenario, { maxPreemptions: 0 })
    expect(executions).toBe(2)
    expect(violation).toMatchObject({ kind: 'lock-order', inflection: undefined })
    expect(violation!.why.at(-1)).toContain('in different executions')
    expect(replay(scenario, violation!.replay)).toMatchObject({ diverged: undefined, violation: null })
  })
})
