/**
 * What a program is called with: an object with the fields of its context, which generated text reads by name.
 */

import type { BpfProgram } from '../object.ts'
import { programTypeOf } from '../verifier/program-types.ts'

/** A context: fields by name, those of eight bytes as bigints, sockets as pointers. */
export type Context = Record<string, number | bigint>

/** Bytes of a packet unless somebody says otherwise. */
const PACKET_LENGTH = 100
const AF_INET = 2
/** In the network's order. */
const ETH_P_IP = 8

/** What is not zero in a context that nobody has filled. */
const GIVEN: Readonly<Record<string, number>> = {
  len: PACKET_LENGTH,
  protocol: ETH_P_IP,
  family: AF_INET,
  is_fullsock: 1,
}

/** A context of a program's type, about a socket, with `fields` in place of what they name. */
export function contextOf(program: Pick<BpfProgram, 'type' | 'attach'>, socket: number, fields: Context = {}): Context {
  // The field of each run first: it then lies in the object itself, and not in a list behind it.
  const context: Context = { sk: socket }
  for (const { name, size, points } of programTypeOf(program)?.context.fields ?? [])
    context[name] = points === undefined && size === 8 ? 0n : (GIVEN[name] ?? 0)
  return { ...context, sk: socket, ...fields }
}
