/**
 * Heads of lists and roots of trees in a struct, as Linux 6.18 looks at them when BTF is loaded: each says by a tag,
 * "contains:STRUCT:MEMBER", which member of which struct its nodes are, and a bpf_spin_lock stands beside it. Model:
 * btf_parse_struct_metas(), btf_find_graph_root(), Linux 6.18.
 */

import { EFAULT, EINVAL, ENOENT } from '../errno.ts'
import { type Btf, type BtfComposite, btfType } from './record.ts'

/** What the nodes of each are. */
const NODES: Readonly<Record<string, { readonly name: string; readonly size: number }>> = Object.freeze({
  bpf_list_head: Object.freeze({ name: 'bpf_list_node', size: 24 }),
  bpf_rb_root: Object.freeze({ name: 'bpf_rb_node', size: 32 }),
})
const ROOT_SIZE = 16
const ALIGN_BITS = 64
const TAG = 'contains:'

/**
 * 0, or the error of the first head or root that is a struct's own member: see graphRootError; -EINVAL without a lock
 * beside it. One that is not aligned is bytes like any others, but -EFAULT without a lock.
 */
export function checkGraphRoots(btf: Btf): number {
  for (const struct of btf.types) {
    if (struct.kind !== 'struct') continue
    for (const [component, { type, bitOffset }] of struct.members.entries()) {
      const root = btfType(btf, type)
      if (root?.kind !== 'struct' || !Object.hasOwn(NODES, root.name) || root.size !== ROOT_SIZE) continue
      const isAligned = bitOffset % ALIGN_BITS === 0
      const err = isAligned ? graphRootError(btf, struct, component, root.name) : 0
      if (err !== 0) return err
      if (!hasLock(btf, struct)) return isAligned ? -EINVAL : -EFAULT
    }
  }
  return 0
}

/**
 * 0 for a member of a type that is no root, and for a root with its tag. -EINVAL without a tag, with two, or with one
 * that names no struct and member or one of another type; -ENOENT where that struct or member is not there; -EFAULT for
 * a node of another size.
 */
export function graphRootError(btf: Btf, struct: BtfComposite, component: number, typeName: string): number {
  const expected = Object.hasOwn(NODES, typeName) ? NODES[typeName] : undefined
  if (expected === undefined) return 0
  const tags = btf.types.filter(
    (type) =>
      type.kind === 'decl-tag' &&
      type.component === component &&
      btfType(btf, type.type) === struct &&
      type.name.startsWith(TAG),
  )
  const [tag] = tags as readonly { readonly name: string }[]
  if (tag === undefined || tags.length > 1) return -EINVAL
  const [, structName, memberName] = /^contains:([^:]*):(.*)$/.exec(tag.name) ?? []
  if (structName === undefined) return -EINVAL
  const owner = btf.types.find((type) => type.kind === 'struct' && type.name === structName) as BtfComposite | undefined
  const member = owner?.members.find(({ name }) => name === memberName)
  if (member === undefined) return -ENOENT
  const node = btfType(btf, member.type)
  if (node?.kind !== 'struct' || node.name !== expected.name) return -EINVAL
  return node.size === expected.size ? 0 : -EFAULT
}

function hasLock(btf: Btf, { members }: BtfComposite): boolean {
  return members.some(({ type: id }) => {
    const type = btfType(btf, id)
    return type?.kind === 'struct' && type.name === 'bpf_spin_lock'
  })
}
