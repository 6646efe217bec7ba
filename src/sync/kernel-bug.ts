/**
 * Misuse of the kernel's own rules, thrown by name.
 *
 * Where Linux would print a BUG or a WARN and limp on, we stop: a lock released by one who does not hold it or a wait
 * inside a read section is never a result to handle, it is a mistake in the code that called.
 */

/** What was broken; stable, for tests and reports. */
export type KernelBugCode =
  | 'double-lock'
  | 'unlock-not-owner'
  | 'unlock-of-other-kind'
  | 'second-bpf-spin-lock'
  | 'sleep-under-lock'
  | 'sleep-in-read-section'
  | 'sleep-in-callback'
  | 'may-not-wait'
  | 'soft-lockup'
  | 'cpu-offline'
  | 'read-section-unbalanced'
  | 'quiescent-state-in-read-section'
  | 'refcount-from-zero'
  | 'refcount-underflow'
  | 'omem-not-zero'
  | 'fortify'

/**
 * Thrown when kernel code is called against its rules. `code` names the rule, `message` says who, where and what
 * instead.
 */
export class KernelBug extends Error {
  override readonly name = 'KernelBug'
  /** The rule that was broken. */
  readonly code: KernelBugCode

  constructor(code: KernelBugCode, message: string) {
    super(message)
    this.code = code
  }
}
