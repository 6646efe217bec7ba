/**
 * Mutants that are no fault: correct code all the same, each with its reason.
 */

export const EQUIVALENT: readonly { readonly mutant: string; readonly why: string }[] = []
