/**
 * When a CPU counts for RCU: coming online, going offline, and the quiescent states in between.
 */

import { type Cpu, PERCPU } from './cpu.ts'
import { reportState } from './grace-period.ts'
import { KernelBug } from './kernel-bug.ts'
import { hintLoad } from './rcu.ts'
import { advanceCallbacks, handOverCallbacks } from './rcu-callback.ts'
import { NESTING_OFFLINE, RCU } from './rcu-layout.ts'

// V8 knows what a constant is; a function's own name it loads and compares at each call.
const look = hintLoad

/**
 * The online rule. From here on grace periods wait for this CPU.
 *
 * Store our state, then load `started`; the updater does the reverse: unlink, advance `started`, scan the states. Store
 * then load on both sides, so one of them sees the other: either the scan finds us online and waits, or our load sees
 * the new number, and with it everything that was unlinked before. A CPU that only stored could miss both. Pairs with
 * startGracePeriod and firstLaggard.
 */
export function rcuOnline(cpu: Cpu): void {
  const { words, base, rcu } = cpu
  // Already online, perhaps inside a read section: there is nothing to do, and the state may not be touched.
  if (rcuIsOnline(cpu)) return
  Atomics.store(words, base + PERCPU.quiescent, Atomics.load(words, rcu + RCU.started))
  Atomics.load(words, rcu + RCU.started)
  words[base + PERCPU.attended] = 0
  words[base + PERCPU.nesting] = 0
}

/** Whether grace periods wait for this CPU. */
export function rcuIsOnline(cpu: Cpu): boolean {
  return cpu.words[cpu.base + PERCPU.nesting] >= 0
}

/** From here on no grace period waits for this CPU, and it may not read. Its callbacks are handed to the kworker. */
export function rcuOffline(cpu: Cpu): void {
  const { words, base } = cpu
  outsideReadSection(cpu, 'rcuOffline')
  if (rcuIsOnline(cpu)) advanceCallbacks(cpu)
  handOverCallbacks(cpu)
  words[base + PERCPU.nesting] = NESTING_OFFLINE
  reportState(cpu, 0)
}

/**
 * The quiescent-state rule. Between two programs a CPU holds no pointer; saying so is all a reader ever pays for RCU.
 *
 * The hintLoad at `started` is a hint load, since an Atomics.load there would cost more than the lookup it follows.
 * When the number has moved we load it again, properly: that load sees everything the updater did before it advanced,
 * so the plain loads of the next read section can't find what was unlinked before. Then we store the number that we
 * read.
 */
export function rcuQuiescentState(cpu: Cpu): void {
  const { words, base, rcu } = cpu
  // One comparison asks for both: a new grace period, and callbacks of our own that have become many.
  if (look(words, rcu + RCU.started) !== words[base + PERCPU.attended]) reportQuiescentState(cpu)
}

function reportQuiescentState(cpu: Cpu): void {
  outsideReadSection(cpu, 'rcuQuiescentState')
  if (rcuIsOnline(cpu)) advanceCallbacks(cpu)
}

function outsideReadSection(cpu: Cpu, what: string): void {
  const nesting = cpu.words[cpu.base + PERCPU.nesting]
  if (nesting > 0) {
    throw new KernelBug(
      'quiescent-state-in-read-section',
      `${what} inside an RCU read section on CPU ${cpu.id} (depth ${nesting})`,
    )
  }
}
