/**
 * A program of an object on the running kernel.
 */

import type { BpfProgram } from '../src/bpf/object.ts'
import { egressObject, egressProgram } from './bpf-object.ts'
import { printed } from './native.ts'
import type { MeasuredCase } from './suite.ts'

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

/** What kernel/object.c is told: the instructions, then each map with the slots that name it. */
function argumentsOf({ code, maps: uses }: BpfProgram): string[] {
  const maps = egressObject().maps.filter(({ name }) => uses.some(({ map }) => map === name))
  return [
    hexOf(code),
    ...maps.flatMap(({ name, type, keySize, valueSize, maxEntries, flags, btf }) => [
      [type, keySize, valueSize, maxEntries, flags, btf?.keyTypeId ?? 0, btf?.valueTypeId ?? 0].join(','),
      hexOf(btf?.bytes ?? new Uint8Array()),
      uses
        .filter(({ map }) => map === name)
        .map(({ at }) => at)
        .join(','),
    ]),
  ]
}

/** The case `kernel-storage-u32` runs the program `storage_u32`. Nanoseconds a run. */
export function kernelCase(name: string): MeasuredCase {
  const program = egressProgram(name.replace('kernel-', '').replace('-', '_'))
  return { name, measure: ({ time }) => printed('kernel', 'object', time, ...argumentsOf(program)) }
}
