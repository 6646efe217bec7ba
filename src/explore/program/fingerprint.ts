/**
 * Which code a replay line was made from.
 */

import { runtime } from '../runtime/runtime.ts'
import { twinOf } from '../runtime/twin.ts'

/**
 * A fingerprint of the modules that these sites stand in, of all modules without sites, and of those of these functions
 * that no module accounts for. A module loaded twice counts once, as it is now. Where the modules lie and who loaded
 * them doesn't matter: a line made by a test runner on one machine is fresh on the command line of another.
 */
export function codeFingerprint(functions: readonly unknown[], sites?: readonly number[]): string {
  const inForce = new Map<string, string>()
  // A litmus program stands in the line itself; what runs it is ours, and looks different once a page is built.
  let isLitmus = false
  for (const { file, fingerprint, base, sites: its } of runtime.modules) {
    const touched = sites === undefined || sites.some((site) => site >= base && site < base + its.length)
    if (touched && file === 'litmus') isLitmus = sites !== undefined
    else if (touched) inForce.set(file, fingerprint)
  }
  const text = [
    ...[...inForce.values()].sort(),
    ...functions.filter((f) => !isLitmus && twinOf(f) === undefined).map(String),
  ].join('\n')
  return fingerprintOf(text)
}

/** A fingerprint of a text or of bytes. */
export function fingerprintOf(what: string | Uint8Array): string {
  let a = 0x811c9dc5
  let b = 0x1000193
  for (let i = 0; i < what.length; i++) {
    const part = typeof what === 'string' ? what.charCodeAt(i) : what[i]
    a = Math.imul(a ^ part, 0x01000193)
    b = Math.imul(b ^ part, 0x9e3779b1)
  }
  return (a >>> 0).toString(36) + (b >>> 0).toString(36)
}
