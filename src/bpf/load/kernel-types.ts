/**
 * What libbpf would fit to the types of the running kernel (CO-RE). There is no kernel here, so it is refused, by the
 * type's name; but for the types that programs are given, whose layout is the same in every kernel.
 */

import { btfType, skipModifiers } from '../../shared/btf/record.ts'
import type { CoreRelocation } from './debug-info.ts'
import type { FileTypes } from './file-types.ts'
import type { BpfFunction } from './functions.ts'
import type { Fault } from './object-error.ts'

/** Offset of a field, the only question whose answer stands in the instruction already. */
const FIELD_OFFSET = 0

/** Structs of linux/bpf.h: what vmlinux.h marks like all others, though it never changes. */
const STABLE: ReadonlySet<string> = new Set([
  '__sk_buff',
  'bpf_sock',
  'bpf_sock_addr',
  'bpf_sock_ops',
  'bpf_sockopt',
  'bpf_tcp_sock',
  'bpf_sock_tuple',
  'bpf_sk_lookup',
  'xdp_md',
  'sk_msg_md',
  'sk_reuseport_md',
])

/** Throws `fault` for the first relocation inside a function that is not of such a type. */
export function checkKernelTypes(
  relocations: readonly CoreRelocation[],
  { name, begin, end }: BpfFunction,
  types: FileTypes | undefined,
  fault: Fault,
): void {
  for (const { at, typeId, kind } of relocations) {
    if (at < begin || at >= end) continue
    const type = types && (skipModifiers(types.btf, typeId) ?? btfType(types.btf, typeId))
    const typeName = type !== undefined && 'name' in type ? type.name : `type ${typeId}`
    if (kind === FIELD_OFFSET && type?.kind === 'struct' && STABLE.has(typeName)) continue
    throw fault(
      `function ${name}, instruction ${at - begin}: got a CO-RE relocation against ${type?.kind ?? 'the'} ${typeName}: types of the running kernel are not supported here`,
    )
  }
}
