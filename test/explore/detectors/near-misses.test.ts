/**
 * Every detector on a program with the fault, and on nearly the same one without it: the same text after one edit.
 *
 * Programs are source text, as users write them, so that what is judged is what they read: the kind, the sentence, the
 * places.
 */

import { describe, expect, it } from 'vitest'
import { check } from '../../../src/explore/explore.ts'
import { resultLine } from '../../../src/explore/report/json.ts'
import { nextStep } from '../../../src/explore/report/next-step.ts'
import { formatResult, formatViolation } from '../../../src/explore/report/text.ts'
import type { ViolationKind } from '../../../src/explore/result.ts'
import type { Checkpoint, Options } from '../../../src/explore/scenario.ts'
import { instrumented, words } from '../support/source.ts'

interface Case {
  readonly what: string
  readonly kind: ViolationKind
  /**
   * Exports threads `a`, `b`, ...; maybe `init`, `after`, `invariant`. Places in the report are marked `//! 1`, in
   * their order.
   */
  readonly source: string
  readonly message: RegExp
  /** What to replace by what, to have a program without the fault. */
  readonly repair: readonly [from: string, to: string]
  readonly why?: RegExp
  readonly options?: Options
}

const LOCKS = `
/** @explore lock w[at] */ function lock(w, at) {}
/** @explore trylock w[at] */ function tryLock(w, at) {}
/** @explore unlock w[at] */ function unlock(w, at) {}
`
const RCU = `
/** @explore read-enter */ function readLock() {}
/** @explore read-exit */ function readUnlock() {}
/** @explore grace-period */ function synchronize() {}
/** @explore deref w[at] */ function dereference(w, at) { return w[at] }
/** @explore hint w[at] */ function readOnce(w, at) { return w[at] }
/** @explore pause */ function relax() {}
`
const HEAP = `
/** @explore arena w[16] to=w.length */ export function init(w) { w[1] = 16 }
/** @explore alloc w[result] size=4 kind='node' */ function alloc(w) { return Atomics.add(w, 1, 4) }
/** @explore free w[at] */ function free(w, at) {}
`

const cases: readonly Case[] = [
  {
    what: 'two plain increments',
    kind: 'data-race',
    source: `
      export function a(w) { w[0]++ } //! 2
      export function b(w) {
        w[0]++ //! 1
      }`,
    message: /^thread 1: read of words\[0\] is not ordered with the write by thread 0$/,
    why: /nothing orders the two/,
    repair: ['w[0]++', 'Atomics.add(w, 0, 1)'],
  },
  {
    what: 'atomic accesses of different sizes to the same bytes',
    kind: 'data-race',
    source: `
      export function a(w) { Atomics.store(w, 0, 1) } //! 2
      export function b(w) {
        const bytes = new Uint8Array(w.buffer)
        return Atomics.load(bytes, 3) //! 1
      }`,
    message: /^thread 1: load of .* is not ordered with the store by thread 0$/,
    repair: ['bytes, 3', 'bytes, 4'],
  },
  {
    what: 'a native that writes a range which reaches an element read elsewhere',
    kind: 'data-race',
    source: `
      export function a(w) { w.fill(7, 0, 4) } //! 2
      export function b(w) {
        return w[3] //! 1
      }`,
    message: /^thread 1: read of words\[3\] is not ordered with the range write by thread 0$/,
    repair: ['w[3]', 'w[4]'],
  },
  {
    what: 'a message whose flag is stored plainly',
    kind: 'data-race',
    source: `
      export function a(w) { w[1] = 42; w[0] = 1 } //! 2
      export function b(w) {
        return Atomics.load(w, 0) === 1 ? w[1] : -1 //! 1
      }`,
    message: /^thread 1: load of words\[0\] is not ordered with the write by thread 0$/,
    repair: ['w[0] = 1', 'Atomics.store(w, 0, 1)'],
  },
  {
    what: 'a hint that looks at a plain store',
    kind: 'data-race',
    source: `${RCU}
      export function a(w) { w[0] = 1 } //! 2
      export function b(w) {
        return readOnce(w, 0) //! 1
      }`,
    message: /^thread 1: hint of words\[0\] is not ordered with the write by thread 0$/,
    repair: ['w[0] = 1', 'Atomics.store(w, 0, 1)'],
  },
  {
    what: 'a hint that decides to read what was stored before',
    kind: 'data-race',
    source: `${RCU}
      export function a(w) {
        w[1] = 42 //! 2
        Atomics.store(w, 0, 1)
      }
      export function b(w) {
        return readOnce(w, 0) === 1 ? w[1] : -1 //! 1
      }`,
    message: /^thread 1: read of words\[1\] is not ordered with the write by thread 0$/,
    repair: ['readOnce(w, 0)', 'Atomics.load(w, 0)'],
  },
  {
    what: 'a dereference followed by a read outside of the object',
    kind: 'data-race',
    source: `${RCU}${HEAP}
      export function a(w) {
        const at = alloc(w)
        w[at] = w[2] = 5 //! 2
        Atomics.store(w, 0, at)
      }
      export function b(w) {
        const at = dereference(w, 0)
        return at === 0 ? 0 : w[2] //! 1
      }`,
    message: /^thread 1: read of words\[2\] is not ordered with the write by thread 0$/,
    repair: [': w[2]', ': w[at]'],
  },
  {
    what: 'a free that no grace period delays',
    kind: 'use-after-free',
    source: `${RCU}${HEAP}
      export function prepare(w) { init(w); w[0] = alloc(w) }
      export function a(w) {
        const at = Atomics.exchange(w, 0, 0)
        free(w, at) //! 1
      }
      export function b(w) {
        readLock()
        const at = dereference(w, 0)
        const value = at === 0 ? 0 : w[at + 1] //! 2
        readUnlock()
        return value
      }`,
    message: /^thread 0: frees node 16, which thread 1 reads, and nothing orders the two: in another order it is used/,
    why: /thread 1 uses it in the read section that it entered at step \d+: the free had to wait for a grace period/,
    repair: ['free(w, at) //', 'synchronize(); free(w, at) //'],
  },
  {
    what: 'a free of what can still be found',
    kind: 'use-after-free',
    source: `${RCU}${HEAP}
      export function prepare(w) { init(w); w[0] = alloc(w) }
      export function a(w) {
        const at = Atomics.load(w, 0)
        free(w, at) //! 2
      }
      export function b(w) {
        readLock()
        readLock()
        readUnlock()
        const at = dereference(w, 0)
        const value = at === 0 ? 0 : w[at + 1] //! 1
        readUnlock()
        return value
      }`,
    message: /^thread 1: reads node 16 after it was freed$/,
    why: /thread 1 uses it in the read section that it entered at step 3, after the free: a grace period waits for no such/,
    repair: ['Atomics.load(w, 0)\n', 'Atomics.exchange(w, 0, 0); synchronize()\n'],
  },
  {
    what: 'a lock in an object that another has freed',
    kind: 'use-after-free',
    source: `${RCU}${LOCKS}${HEAP}
      export function prepare(w) { init(w); w[0] = alloc(w) }
      export function a(w) {
        const at = Atomics.exchange(w, 0, 0)
        free(w, at) //! 1
      }
      export function b(w) {
        readLock()
        const at = dereference(w, 0)
        if (at !== 0) lock(w, at + 1)
        if (at !== 0) unlock(w, at + 1) //! 2
        readUnlock()
      }`,
    message: /^thread 0: frees node 16, which thread 1 releases a lock in, and nothing orders the two/,
    why: /entered at step 1: the free had to wait for a grace period.*\nthat section had ended, at step 5, when the free came: by chance/,
    repair: ['free(w, at) //', 'synchronize(); free(w, at) //'],
  },
  {
    what: 'an unlock of what the thread itself has freed',
    kind: 'use-after-free',
    source: `${RCU}${LOCKS}${HEAP}
      export function prepare(w) { init(w); w[0] = alloc(w) }
      export function a(w) {
        readLock()
        const at = Atomics.exchange(w, 0, 0)
        lock(w, at + 1)
        free(w, at) //! 2
        unlock(w, at + 1) //! 1
        readUnlock()
      }`,
    message: /^thread 0: releases a lock in node 16 after it was freed$/,
    why: /^thread 0 has freed it itself$/m,
    repair: ['free(w, at) //! 2\n        unlock(w, at + 1) //! 1', 'unlock(w, at + 1)\n        free(w, at)'],
  },
  {
    what: 'a use that no read section covers',
    kind: 'use-after-free',
    source: `${RCU}${HEAP}
      export function prepare(w) { init(w); w[0] = alloc(w) }
      export function a(w) {
        const at = Atomics.exchange(w, 0, 0)
        synchronize()
        free(w, at) //! 1
      }
      export function b(w) {
        readLock()
        const at = dereference(w, 0)
        readUnlock()
        return at === 0 ? 0 : w[at + 1] //! 2
      }`,
    message: /^thread 0: frees node 16, which thread 1 reads, and nothing orders the two/,
    why: /thread 1 uses it outside of any read section, so no grace period waits for that/,
    repair: [
      'readUnlock()\n        return at === 0 ? 0 : w[at + 1]',
      'try { return at === 0 ? 0 : w[at + 1] } finally { readUnlock() }',
    ],
  },
  {
    what: 'a pointer looked at again after its object was freed',
    kind: 'use-after-free',
    source: `${HEAP}
      export function a(w) {
        const at = alloc(w) //! 3
        w[at] = 5
        free(w, at) //! 2
        return w[at] //! 1
      }`,
    message: /^thread 0: reads node 16 after it was freed$/,
    repair: ['free(w, at) //! 2\n        return w[at]', 'try { return w[at] } finally { free(w, at) }'],
  },
  {
    what: 'two threads that both take a pointer away',
    kind: 'double-free',
    source: `${HEAP}
      export function prepare(w) { init(w); w[0] = alloc(w) }
      function drop(w) {
        const at = Atomics.load(w, 0)
        Atomics.store(w, 0, 0)
        if (at !== 0) free(w, at) //! 1
      }
      export function a(w) { drop(w) }
      export function b(w) { drop(w) }`,
    message: /^thread \d: node 16 is freed a second time$/,
    repair: ['Atomics.load(w, 0)', 'Atomics.exchange(w, 0, 0)'],
  },
  {
    what: 'a loop that goes one element too far',
    kind: 'overflow',
    source: `${HEAP}
      export function a(w) {
        const at = alloc(w) //! 2
        for (let i = 0; i <= 4; i++) w[at + i] = i //! 1
        free(w, at)
      }`,
    message: /^thread 0: stores into 4 bytes past the end of node 16$/,
    repair: ['i <= 4', 'i < 4'],
  },
  {
    what: 'a store some elements past the end',
    kind: 'overflow',
    source: `${HEAP}
      export function a(w) {
        const at = alloc(w) //! 2
        w[at + 9] = 1 //! 1
        free(w, at)
      }`,
    message: /^thread 0: stores into 24 bytes past the end of node 16$/,
    repair: ['at + 9', 'at + 3'],
  },
  {
    what: 'an access to memory of the allocator that belongs to no object',
    kind: 'overflow',
    source: `${HEAP}
      export function a(w) {
        const at = alloc(w)
        w[at + 20] = 1 //! 1
        free(w, at)
      }`,
    message: /^thread 0: stores into words\[36\], which belongs to no object$/,
    repair: ['at + 20', 'at + 2'],
  },
  {
    what: 'an object that the loser of a race forgets',
    kind: 'leak',
    source: `${HEAP}
      function install(w) {
        const at = alloc(w) //! 1
        if (Atomics.compareExchange(w, 0, 0, at) !== 0) return
      }
      export function a(w) { install(w) }
      export function b(w) { install(w) }`,
    message: /^nothing refers to node \d+ any more, and it was not freed$/,
    repair: ['!== 0) return', '!== 0) free(w, at)'],
  },
  {
    what: 'locks taken in two orders, to the end',
    kind: 'deadlock',
    source: `${LOCKS}
      export function a(w) {
        lock(w, 1)
        lock(w, 2) //! 1
        Atomics.add(w, 0, 1)
        unlock(w, 2); unlock(w, 1)
      }
      export function b(w) {
        lock(w, 2)
        Atomics.add(w, 0, 1)
        lock(w, 1) //! 2
        unlock(w, 1); unlock(w, 2)
      }`,
    message:
      /^deadlock: thread 0 waits for words\[2\], held by thread 1; thread 1 waits for words\[1\], held by thread 0$/,
    why: /thread 0 at \S+:8 waits for words\[2\], held by thread 1, since step \d at \S+:13\nthread 1 at \S+:15 waits for words\[1\], held by thread 0, since step \d at \S+:7/,
    repair: ['lock(w, 2)\n        Atomics.add(w, 0, 1)\n        lock(w, 1)', 'lock(w, 1)\n        lock(w, 2)'],
    options: { detect: { locks: false } },
  },
  {
    what: 'a wait for another thread under the lock that it needs',
    kind: 'deadlock',
    source: `${LOCKS}${RCU}
      export function a(w) {
        lock(w, 1)
        while (Atomics.load(w, 0) === 0) relax() //! 1
        unlock(w, 1)
      }
      export function b(w) {
        lock(w, 1) //! 2
        Atomics.store(w, 0, 1)
        unlock(w, 1)
      }`,
    message: /^stuck: thread 0 spins until words\[0\] changes; thread 1 waits for words\[1\], held by thread 0$/,
    repair: [
      'lock(w, 1)\n        while (Atomics.load(w, 0) === 0) relax() //! 1',
      'while (Atomics.load(w, 0) === 0) relax()\n        lock(w, 1)',
    ],
  },
  {
    what: 'a wait on another word than the one that was looked at',
    kind: 'deadlock',
    source: `
      export function a(w) {
        if (Atomics.load(w, 0) === 0) Atomics.wait(w, 1, 0) //! 1
      }
      export function b(w) { Atomics.store(w, 0, 1); Atomics.notify(w, 1) }`,
    message: /^stuck: thread 0 sleeps on words\[1\]$/,
    repair: ['w, 1', 'w, 0'],
  },
  {
    what: 'a lock that its holder takes again',
    kind: 'deadlock',
    source: `${LOCKS}
      function inner(w) {
        lock(w, 1) //! 1
        unlock(w, 1)
      }
      export function a(w) { lock(w, 1); inner(w); unlock(w, 1) }`,
    message: /^deadlock: thread 0 waits for words\[1\], which it holds itself$/,
    repair: ['lock(w, 1); inner(w); unlock(w, 1)', 'lock(w, 1); unlock(w, 1); inner(w)'],
  },
  {
    what: 'locks taken in two orders, though never at the same time',
    kind: 'lock-order',
    source: `${LOCKS}${RCU}
      export function a(w) {
        lock(w, 1) //! 4
        lock(w, 2) //! 3
        unlock(w, 2); unlock(w, 1)
        Atomics.store(w, 0, 1)
      }
      export function b(w) {
        while (Atomics.load(w, 0) === 0) relax()
        lock(w, 2) //! 2
        lock(w, 1) //! 1
        unlock(w, 1); unlock(w, 2)
      }`,
    message: /^thread 1: locks are taken in a circle: words\[2\] -> words\[1\] -> words\[2\]$/,
    why: /words\[2\] -> words\[1\]: words\[1\] is taken at .* under words\[2\], which is held since .*words\[1\] -> words\[2\]: words\[2\] is taken at/s,
    repair: ['lock(w, 2) //! 2\n        lock(w, 1) //! 1', 'lock(w, 1) //! 2\n        lock(w, 2) //! 1'],
    // Not all is run, so the execution that deadlocks may be among the rest.
    options: { maxPreemptions: 0 },
  },
  {
    what: 'locks taken against the order, but by trying',
    kind: 'lock-order',
    source: `${LOCKS}
      export function a(w) {
        lock(w, 1) //! 4
        lock(w, 2) //! 3
        unlock(w, 2); unlock(w, 1)
      }
      export function b(w) {
        lock(w, 2) //! 2
        lock(w, 1) //! 1
        unlock(w, 1)
        unlock(w, 2)
      }`,
    message: /^thread 1: locks are taken in a circle/,
    repair: ['lock(w, 1) //! 1\n        unlock(w, 1)', 'if (tryLock(w, 1)) unlock(w, 1)'],
    options: { maxPreemptions: 0 },
  },
  {
    what: 'a lock released twice',
    kind: 'lock-misuse',
    source: `${LOCKS}
      export function a(w) {
        lock(w, 1)
        if (w[2] === 0) unlock(w, 1) //! 2
        unlock(w, 1) //! 1
      }`,
    message: /^thread 0: unlocks words\[1\], which is not locked$/,
    repair: ['if (w[2] === 0)', 'if (w[2] !== 0)'],
  },
  {
    what: 'a lock released by a thread that tried in vain to take it',
    kind: 'lock-misuse',
    source: `${LOCKS}
      export function a(w) {
        lock(w, 1) //! 2
        Atomics.add(w, 0, 1)
        unlock(w, 1)
      }
      export function b(w) {
        tryLock(w, 1)
        unlock(w, 1) //! 1
      }`,
    message: /^thread 1: unlocks words\[1\], which thread 0 holds$/,
    repair: ['tryLock(w, 1)\n        unlock', 'if (tryLock(w, 1)) unlock'],
  },
  {
    what: 'an early return with a lock held',
    kind: 'lock-misuse',
    source: `${LOCKS}
      export function a(w) {
        lock(w, 1) //! 1
        if (Atomics.add(w, 0, 1) === 0) return
        unlock(w, 1)
      }`,
    message: /^thread 0 ends while holding words\[1\]$/,
    repair: ['return', '{ unlock(w, 1); return }'],
  },
  {
    what: 'sleep under a lock',
    kind: 'lock-misuse',
    source: `${LOCKS}
      export function a(w) {
        lock(w, 1) //! 2
        Atomics.wait(w, 0, 1) //! 1
        unlock(w, 1)
      }`,
    message: /^thread 0: may sleep while holding words\[1\]$/,
    repair: ['Atomics.wait(w, 0, 1)', 'Atomics.notify(w, 0)'],
  },
  {
    what: 'a grace period under a lock',
    kind: 'lock-misuse',
    source: `${LOCKS}${RCU}
      export function a(w) {
        lock(w, 1) //! 2
        synchronize() //! 1
        unlock(w, 1)
      }`,
    message: /^thread 0: waits for a grace period while holding words\[1\]$/,
    repair: ['synchronize() //! 1\n        unlock(w, 1)', 'unlock(w, 1)\n        synchronize() //! 1'],
  },
  {
    what: 'a grace period inside of a read section',
    kind: 'lock-misuse',
    source: `${RCU}
      export function a(w) {
        readLock()
        synchronize() //! 1
        readUnlock()
        return Atomics.load(w, 0)
      }`,
    message: /^thread 0: waits for a grace period inside a read section: it waits for itself$/,
    repair: ['synchronize() //! 1\n        readUnlock()', 'readUnlock()\n        synchronize() //! 1'],
  },
  {
    what: 'a read section left twice',
    kind: 'lock-misuse',
    source: `${RCU}
      export function a(w) {
        readLock()
        Atomics.load(w, 0)
        readUnlock()
        readUnlock() //! 1
      }`,
    message: /^thread 0: leaves a read section that it is not in$/,
    repair: ['readLock()\n', 'readLock(); readLock()\n'],
  },
  {
    what: 'a loop that stores as long as it waits',
    kind: 'livelock',
    source: `${RCU}
      export function a(w) {
        while (Atomics.load(w, 0) === 0) Atomics.add(w, 1, 1) //! 1
      }
      export function b(w) { Atomics.store(w, 0, 1) }`,
    message:
      /^livelock: suspected, since there is no end after 60 steps .* thread 0: load \S+:\d+ \(30 times\), thread 0: rmw \S+:\d+ \(30 times\)$/,
    repair: ['Atomics.add(w, 1, 1)', 'relax()'],
    options: { maxSteps: 60 },
  },
  {
    what: 'an exception in a thread',
    kind: 'assertion',
    source: `
      export function a(w) { Atomics.store(w, 0, 1) }
      export function b(w) {
        if (Atomics.load(w, 0) === 1) throw new Error('one') //! 1
      }`,
    message: /^thread 1 threw: one$/,
    repair: ["throw new Error('one')", "try { throw new Error('one') } catch {}"],
  },
  {
    what: 'a lost update',
    kind: 'assertion',
    source: `
      function increment(w) {
        const seen = Atomics.load(w, 0)
        Atomics.store(w, 0, seen + 1) //! 2
      }
      export function a(w) { increment(w) }
      export function b(w) { increment(w) }
      export function after(w) { if (w[0] !== 2) throw new Error('lost') } //! 1`,
    message: /^lost$/,
    repair: [
      'const seen = Atomics.load(w, 0)\n        Atomics.store(w, 0, seen + 1)',
      'for (let seen = 0; (seen = Atomics.load(w, 0)) !== Atomics.compareExchange(w, 0, seen, seen + 1);); //',
    ],
    options: { maxSteps: 100 },
  },
  {
    what: 'two stores between which an invariant is broken',
    kind: 'invariant',
    source: `
      export function a(w) {
        Atomics.add(w, 1, 1) //! 1
        Atomics.add(w, 0, 1)
      }
      export function invariant(w) { return w[1] <= w[0] }`,
    message: /^the invariant does not hold$/,
    repair: [
      'Atomics.add(w, 1, 1) //! 1\n        Atomics.add(w, 0, 1)',
      'Atomics.add(w, 0, 1) //! 1\n        Atomics.add(w, 1, 1)',
    ],
  },
  {
    what: 'a variable that outlives the execution',
    kind: 'nondeterminism',
    source: `
      const turns = w => (w.turns ??= { next: 0 })
      export function a(w) {
        Atomics.store(w, turns(w).next++ % 2, 1) //! 1
      }
      export function b(w) { Atomics.store(w, 0, 2) }
      export function c(w) { Atomics.store(w, 0, 3) }`,
    message: /^the same schedule led elsewhere: thread 0, step 1: it was a store, and now it is a store elsewhere$/,
    repair: ['(w.turns ??= { next: 0 })', '({ next: 0 })'],
  },
  {
    what: 'a thread that does something the first time only',
    kind: 'nondeterminism',
    source: `
      export function a(w) {
        if (!w.done) {
          w.done = true
          Atomics.store(w, 0, 1) //! 1
        }
      }
      export function b(w) { Atomics.store(w, 0, 2) }`,
    message: /^the same schedule led elsewhere: thread 0, step 1: it was a store, and now the thread has ended$/,
    repair: ['if (!w.done) {', '{'],
  },
  {
    what: 'a conversion to a number that reads shared memory, by a name that stands nowhere',
    kind: 'refused',
    source: `
      export function a(w) {
        return Number({ ['value' + 'Of']: () => w[0] }) //! 1
      }`,
    message: /^thread 0: this function was called by a native .* can't be interrupted there \(\S+:\d+\)$/,
    repair: ["{ ['value' + 'Of']: () => w[0] }", 'w[0]'],
  },
  {
    what: 'a view that becomes a string',
    kind: 'refused',
    source: `
      export function a(w) {
        Atomics.load(w, 0) //! 1
        return 'it is ' + w
      }`,
    message: /^thread 0: a view of shared memory becomes a string here, .* \(after \S+:\d+\)$/,
    repair: ['+ w\n', '+ w.join()\n'],
  },
]

/** A source text with its exports as threads. */
async function scenarioOf(source: string) {
  const { prepare, init, after, invariant, ...exports } = await instrumented(source, {}, 'source.js')
  const threads = ['a', 'b', 'c'].flatMap((name) => exports[name] ?? [])
  const setup = () => {
    const w = words(64)
    const make = prepare ?? init
    make?.(w)
    return w
  }
  const named = (index: number) => `words[${index}]`
  return { setup, threads, after, invariant, placeName: named }
}

const exploring = async (source: string, options: Options = {}) => check(await scenarioOf(source), options)

/** The lines that are marked, in the order of their numbers. */
function marked(source: string): number[] {
  const marks = source.split('\n').flatMap((line, i) => {
    const number = /\/\/! (\d)/.exec(line)?.[1]
    return number === undefined ? [] : [[Number(number), i + 1] as const]
  })
  return marks.sort(([a], [b]) => a - b).map(([, line]) => line)
}

describe.each(cases)('$kind: $what', ({ kind, source, message, repair: [from, to], why, options }) => {
  it('is found, and said where', async () => {
    const { violation } = await exploring(source, options)
    expect(violation).toMatchObject({ kind, message: expect.stringMatching(message) })
    const lines = violation!.sites.map((site) => Number(/source\.js:(\d+)$/.exec(site)?.[1]))
    expect(lines.slice(0, marked(source).length)).toEqual(marked(source))
    if (why !== undefined) expect(violation!.why.join('\n')).toMatch(why)
    const text = formatViolation(violation!, { colours: false })
    expect(text).toContain(`next: ${nextStep(violation!)}\nreplay: explore1 `)
  })

  it('is not found in nearly the same program', async () => {
    expect(source).toContain(from)
    const result = await exploring(source.replaceAll(from, to), options)
    expect(result.violation).toBeNull()
    expect(result).toMatchObject({ exhaustive: true, failing: 0, blocked: 0, redundant: 0 })
    expect(result.complete).toBeGreaterThan(0)
  })
})

/** Two orders that never meet, because of what is put in place of the stars. */
const orders = (first: string, second: string, end: string) => `${LOCKS}${RCU}
  export function a(w) {
    ${first}
    lock(w, 1) //! 4
    lock(w, 2) //! 3
    unlock(w, 2); unlock(w, 1)
    ${end}
  }
  export function b(w) {
    ${second}
    lock(w, 2) //! 2
    lock(w, 1) //! 1
    unlock(w, 1); unlock(w, 2)
    ${end}
  }`

describe.each([
  ['a flag', orders('', 'while (Atomics.load(w, 0) === 0) relax()', 'Atomics.store(w, 0, 1)')],
  ['a lock around both', orders('lock(w, 3)', 'lock(w, 3)', 'unlock(w, 3)')],
])('two orders of locks that %s keeps apart', (_, source) => {
  const circle = /^thread \d: locks are taken in a circle: words\[\d\] -> words\[\d\] -> words\[\d\]$/

  it('are a note when every interleaving was run, and none deadlocks', async () => {
    for (const keepGoing of [false, true]) {
      const result = await exploring(source, { keepGoing })
      expect(result).toMatchObject({ violation: null, exhaustive: true, blocked: 0, failing: 0 })
      expect(result.notes).toMatchObject([{ kind: 'lock-order', message: expect.stringMatching(circle) }])
      const lines = result.notes[0].sites.map((site) => Number(/source\.js:(\d+)$/.exec(site)?.[1]))
      expect(lines.toSorted()).toEqual(marked(source).toSorted())
      expect(formatResult(result)).toMatch(
        /^note: thread \d: locks are .*; no interleaving deadlocks, and all were run$/m,
      )
      expect(resultLine(result).notes).toEqual(result.notes)
    }
  })

  it.each<[string, Options]>([
    ['preemptions', { maxPreemptions: 0 }],
    ['samples', { strategy: 'random', seed: 1, maxExecutions: 50 }],
  ])('are a finding when a bound on %s leaves some out', async (_, options) => {
    const { violation, notes } = await exploring(source, options)
    expect(violation).toMatchObject({ kind: 'lock-order', message: expect.stringMatching(circle) })
    expect(notes).toEqual([])
  })

  it('are a finding where a search is stopped, and a note when it has gone on to its end', async () => {
    const scenario = await scenarioOf(source)
    const { executions } = check(scenario)
    let saved: Checkpoint | undefined
    const stopped = check(scenario, { maxExecutions: executions, onCheckpoint: (checkpoint) => (saved = checkpoint) })
    expect(stopped).toMatchObject({ violation: { kind: 'lock-order' }, failing: 1, exhaustive: false, notes: [] })
    const ended = check(scenario, { resume: saved! })
    expect(ended).toMatchObject({ violation: null, exhaustive: true, failing: 0 })
    expect(ended.notes).toMatchObject([{ kind: 'lock-order', message: expect.stringMatching(circle) }])
  })
})

it('two orders of locks that nothing keeps apart are the deadlock that they make', async () => {
  expect(await exploring(orders('', '', ''))).toMatchObject({ violation: { kind: 'deadlock' }, notes: [] })
  const unlooked = await exploring(orders('', '', ''), { detect: { deadlocks: false } })
  expect(unlooked).toMatchObject({ violation: { kind: 'lock-order' }, notes: [] })
})
