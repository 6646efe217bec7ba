/**
 * Where all findings are written down.
 */
import type { Finding } from './finding.ts'
import type { Execution, Position } from './state.ts'

/** Records that this execution went wrong. */
export function fail(x: Execution, finding: Finding): void {
  const position: Position = x.position
  // Not by push, which a thread may have broken: that is what is to be written down then.
  x.findings[x.findings.length] = finding
  if (x.limits.stopAtFinding) position.stopped = 'finding'
}
