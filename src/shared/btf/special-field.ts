/**
 * Fields of a value that the kernel sees by their type's name, as Linux 6.18 finds them: timers, work, list heads and
 * the like beside locks.
 *
 * Linux 5.2 knows bpf_spin_lock alone, and only in the value's own struct: that one is found in check.ts. Whether a map
 * may have the others depends on its type, and a map of sk storage may not have most of them. Model: btf_find_field(),
 * btf_parse_fields(), Linux 6.18.
 */

import { graphRootError } from './graph-root.ts'
import { type Btf, btfType, skipModifiers } from './record.ts'

/**
 * A field by its type's name. A struct of that name and of another size, or that is not aligned, is bytes like any
 * others.
 */
interface Special {
  readonly size: number
  readonly align: number
  /** At most one in a struct. */
  readonly once: boolean
  /** No map of sk storage may have it. */
  readonly refused: boolean
}

const SPECIAL: Readonly<Record<string, Special>> = Object.freeze({
  bpf_spin_lock: Object.freeze({ size: 4, align: 4, once: true, refused: false }),
  bpf_res_spin_lock: Object.freeze({ size: 8, align: 4, once: true, refused: false }),
  bpf_refcount: Object.freeze({ size: 4, align: 4, once: false, refused: false }),
  bpf_timer: Object.freeze({ size: 16, align: 8, once: true, refused: true }),
  bpf_wq: Object.freeze({ size: 16, align: 8, once: true, refused: true }),
  bpf_task_work: Object.freeze({ size: 8, align: 8, once: true, refused: true }),
  bpf_list_head: Object.freeze({ size: 16, align: 8, once: false, refused: true }),
  bpf_rb_root: Object.freeze({ size: 16, align: 8, once: false, refused: true }),
})

/** Of more fields than these the kernel sees none. */
const MOST_FIELDS = 11
const DEEPEST = 32

/** Whether a value of this type has a field that no map of sk storage may have. */
export function hasRefusedField(btf: Btf, valueTypeId: number): boolean {
  if (skipModifiers(btf, valueTypeId)?.kind !== 'struct') return false
  const found: Special[] = []
  // Where something is wrong with any field the kernel makes the map as if there were none.
  const sound = findFields(btf, skipModifiers(btf, valueTypeId) as Struct, found, 0)
  return sound && found.length <= MOST_FIELDS && found.some(({ refused }) => refused)
}

type Struct = Extract<NonNullable<ReturnType<typeof btfType>>, { kind: 'struct' | 'union' }>

/**
 * Adds the fields of a struct, and of structs and arrays of one in it. False where one is there twice, in an array of
 * several, or a root without its nodes.
 */
function findFields(btf: Btf, struct: Struct, found: Special[], depth: number): boolean {
  const seen = new Set<string>()
  for (const [component, { type: id, bitOffset }] of struct.members.entries()) {
    const { type, length } = elementOf(btf, id)
    if (type?.kind !== 'struct' || length === 0) continue
    const special = Object.hasOwn(SPECIAL, type.name) ? SPECIAL[type.name] : undefined
    if (special === undefined) {
      const before = found.length
      if (depth < DEEPEST && !findFields(btf, type, found, depth + 1)) return false
      if (length > 1 && found.length > before) return false
      continue
    }
    if (special.once && seen.has(type.name)) return false
    seen.add(type.name)
    if (length > 1) return false
    if (type.size !== special.size || bitOffset % (special.align * 8) !== 0) continue
    if (graphRootError(btf, struct, component, type.name) !== 0) return false
    found.push(special)
  }
  return true
}

/**
 * What an array holds, however deep, and how many; for any other type itself, once. Nothing behind a typedef or
 * qualifier counts.
 */
function elementOf(btf: Btf, id: number): { readonly type: ReturnType<typeof btfType>; readonly length: number } {
  let type = btfType(btf, id)
  let length = 1
  for (let depth = 0; type?.kind === 'array' && depth < DEEPEST; depth++) {
    length *= type.length
    type = btfType(btf, type.element)
  }
  return { type, length }
}
