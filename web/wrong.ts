/**
 * What is wrong with an execution, in the page's words.
 */

import type { Wrong } from '../src/explore/internals.ts'

/**
 * What kind of fault it is and the sentence behind it. Where the sentence begins with a kind of its own, that is the
 * one.
 */
export function inWords({ kind, message }: Pick<Wrong, 'kind' | 'message'>): { kind: string; sentence: string } {
  const [, own, rest] = /^(deadlock|livelock|stuck): (.*)$/s.exec(message) ?? []
  return own === undefined ? { kind: kind.replace(/-/g, ' '), sentence: message } : { kind: own, sentence: rest }
}
