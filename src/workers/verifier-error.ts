/**
 * A program that broke a rule which the kernel's verifier would have refused it for.
 */

/** The rule that was broken; stable, for tests and reports. */
export type VerifierRule =
  | 'helper-under-lock'
  | 'lock-at-exit'
  | 'read-section-at-exit'
  | 'map-type'
  | 'out-of-bounds'
  | 'not-a-lock'
  | 'read-only-map'

/** `rule` names it, `message` says on which CPU and what instead. */
export class VerifierError extends Error {
  override readonly name = 'VerifierError'
  /** The rule that was broken. */
  readonly code: VerifierRule

  constructor(rule: VerifierRule, message: string) {
    super(message)
    this.code = rule
  }
}
