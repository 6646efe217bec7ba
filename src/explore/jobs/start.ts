/**
 * What all who work at one search must have in common: a part that one of them plans is nothing to another that began
 * with other memory.
 */
import { fingerprintOf } from '../program/fingerprint.ts'
import type { Program } from '../program/program.ts'

/** A fingerprint of the code, of what setup made, and of the first execution, which has just been run. */
export function startOf(program: Program): string {
  const { x } = program
  const { trace, memory } = x
  const steps = Array.from({ length: trace.n }, (_, i) => {
    // Rows of operations that touch no memory hold the values of others.
    const values = trace.shape[i] === null ? [] : [trace.oldLow[i], trace.newLow[i]]
    return [trace.thread[i], trace.kind[i], trace.address[i], trace.limit[i], ...values].join()
  })
  const regions = memory.regions
    .filter(({ base, maker }) => maker === null && base < memory.settled)
    .map(({ base, saved }) => `${base} ${fingerprintOf(saved)}`)
  const text = [
    program.fingerprint(),
    program.privately(),
    x.program.labels.join(),
    ...regions,
    memory.settled,
    x.position.stopped,
    ...steps,
  ]
  return fingerprintOf(text.join('\n'))
}
