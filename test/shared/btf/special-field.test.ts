import { describe, expect, it } from 'vitest'
import { emitBtf } from '../../../src/shared/btf/emit.ts'
import { btfLoad } from '../../../src/shared/btf/object.ts'
import type { BtfMember, BtfType } from '../../../src/shared/btf/record.ts'
import { EFAULT, EINVAL, ENOENT, EOPNOTSUPP } from '../../../src/shared/errno.ts'
import { mapCreate } from '../../../src/shared/map.ts'
import { house, SK_STORAGE_MAP } from '../setting.ts'

// What is expected here is what a running Linux 6.18 answered.

const int = (name: string, size: number): BtfType => {
  return { kind: 'int', name, size, bits: size * 8, offset: 0, encoding: 'unsigned' }
}
const at = (type: number, byte: number, name = `f${byte}`): BtfMember => {
  return { name, type, bitOffset: byte * 8, bitfieldSize: 0 }
}
const struct = (name: string, size: number, ...members: BtfMember[]): BtfType => ({
  kind: 'struct',
  name,
  size,
  members,
})
const several = (element: number, length: number): BtfType => ({ kind: 'array', element, index: U32, length })
const tag = (name: string, type: number, component: number): BtfType => ({ kind: 'decl-tag', name, type, component })

const U32 = 1
const U64 = 2
const PAIR = 3
const LOCK = 4
const RES_LOCK = 5
const REFCOUNT = 6
const TIMER = 7
const WORK_QUEUE = 8
const TASK_WORK = 9
const LIST_HEAD = 10
const RB_ROOT = 11
/** `struct elem` is what lists here are of, `struct leaf` what trees are. */
const COMMON: readonly BtfType[] = [
  int('unsigned int', 4),
  int('u64', 8),
  several(U64, 2),
  struct('bpf_spin_lock', 4, at(U32, 0)),
  struct('bpf_res_spin_lock', 8, at(U64, 0)),
  struct('bpf_refcount', 4, at(U32, 0)),
  struct('bpf_timer', 16, at(PAIR, 0)),
  struct('bpf_wq', 16, at(PAIR, 0)),
  struct('bpf_task_work', 8, at(U64, 0)),
  struct('bpf_list_head', 16, at(PAIR, 0)),
  struct('bpf_rb_root', 16, at(PAIR, 0)),
  struct('bpf_list_node', 24, at(PAIR, 0), at(U64, 16)),
  struct('bpf_rb_node', 32, at(PAIR, 0), at(PAIR, 16)),
  struct('elem', 32, at(U64, 0, 'n'), at(12, 8, 'node')),
  struct('leaf', 40, at(U64, 0, 'n'), at(13, 8, 'node')),
]
/** The id of the first type of a case. */
const FIRST = COMMON.length + 1

/**
 * Of loading the types, and making a map of sk storage whose value is the last struct or typedef among them: the first
 * error, or 0.
 */
function answer(more: readonly BtfType[], key = U32): number {
  const { cpu } = house()
  const types = [...COMMON, ...more]
  const btfFd = btfLoad(cpu, emitBtf({ types }))
  if (btfFd < 0) return btfFd
  const value = types.findLastIndex(({ kind }) => kind !== 'decl-tag') + 1
  const size = sizeOf(types, value)
  const map = mapCreate(cpu, { ...SK_STORAGE_MAP, valueSize: size, btfFd, btfKeyTypeId: key, btfValueTypeId: value })
  return Math.min(map, 0)
}

function sizeOf(types: readonly BtfType[], id: number): number {
  const type = types[id - 1]
  if (type.kind === 'array') return type.length * sizeOf(types, type.element)
  return 'size' in type ? type.size : sizeOf(types, (type as { type: number }).type)
}

describe('a map of sk storage whose value has', () => {
  it.each<[string, number, number, number]>([
    ['a bpf_spin_lock', LOCK, 12, 0],
    ['a bpf_res_spin_lock', RES_LOCK, 16, 0],
    ['a bpf_refcount', REFCOUNT, 12, 0],
    ['a bpf_timer', TIMER, 24, -EOPNOTSUPP],
    ['a bpf_wq', WORK_QUEUE, 24, -EOPNOTSUPP],
    ['a bpf_task_work', TASK_WORK, 16, -EOPNOTSUPP],
    ['a bpf_list_head without a tag', LIST_HEAD, 24, -EINVAL],
    ['a bpf_rb_root without a tag', RB_ROOT, 24, -EINVAL],
  ])('%s beside a number', (_, field, size, expected) => {
    expect(answer([struct('value', size, at(U64, 0), at(field, 8))])).toBe(expected)
  })

  it.each<[string, BtfType[], number]>([
    [
      'a timer in a nested struct',
      [struct('in', 16, at(TIMER, 0)), struct('v', 24, at(U64, 0), at(FIRST, 8))],
      -EOPNOTSUPP,
    ],
    ['a timer in an array of one', [several(TIMER, 1), struct('v', 16, at(FIRST, 0))], -EOPNOTSUPP],
    [
      'a timer in an array of an array',
      [several(TIMER, 1), several(FIRST, 1), struct('v', 16, at(FIRST + 1, 0))],
      -EOPNOTSUPP,
    ],
    [
      'a timer in a struct in an array of one',
      [struct('in', 16, at(TIMER, 0)), several(FIRST, 1), struct('v', 16, at(FIRST + 1, 0))],
      -EOPNOTSUPP,
    ],
    [
      'one timer, and one in a nested struct',
      [struct('in', 16, at(TIMER, 0)), struct('v', 32, at(TIMER, 0), at(FIRST, 16))],
      -EOPNOTSUPP,
    ],
    [
      'a timer that is aligned within its struct',
      [struct('in', 16, at(TIMER, 0)), struct('v', 20, at(U32, 0), at(FIRST, 4))],
      -EOPNOTSUPP,
    ],
    ['a timer beside a lock', [struct('v', 24, at(LOCK, 0), at(TIMER, 8))], -EOPNOTSUPP],
    ['a timer beside a work queue', [struct('v', 32, at(TIMER, 0), at(WORK_QUEUE, 16))], -EOPNOTSUPP],
    ['a timer beside two counts', [struct('v', 24, at(TIMER, 0), at(REFCOUNT, 16), at(REFCOUNT, 20))], -EOPNOTSUPP],
    [
      'a timer beside an array of plain structs',
      [struct('in', 8, at(U64, 0)), several(FIRST, 2), struct('v', 32, at(TIMER, 0), at(FIRST + 1, 16))],
      -EOPNOTSUPP,
    ],
    [
      'a work queue beside an array of no timers',
      [several(TIMER, 0), struct('v', 16, at(WORK_QUEUE, 0), at(FIRST, 16))],
      -EOPNOTSUPP,
    ],
    [
      'a timer, behind a typedef of the value',
      [struct('v', 16, at(TIMER, 0)), { kind: 'typedef', name: 'v_t', type: FIRST }],
      -EOPNOTSUPP,
    ],
    ['a timer, and the name of one', [struct('bpf_timer', 24, at(U64, 0), at(TIMER, 8))], -EOPNOTSUPP],
    [
      'a work queue beside a timer that is not aligned',
      [struct('v', 40, at(WORK_QUEUE, 0), at(U32, 16), at(TIMER, 20))],
      -EOPNOTSUPP,
    ],
    ['two timers', [struct('v', 32, at(TIMER, 0), at(TIMER, 16))], 0],
    ['a timer beside two work queues', [struct('v', 48, at(TIMER, 0), at(WORK_QUEUE, 16), at(WORK_QUEUE, 32))], 0],
    ['a timer that is not aligned', [struct('v', 24, at(U32, 0), at(TIMER, 4))], 0],
    ['two timers in an array', [several(TIMER, 2), struct('v', 32, at(FIRST, 0))], 0],
    [
      'a timer in each struct of an array',
      [struct('in', 16, at(TIMER, 0)), several(FIRST, 2), struct('v', 48, at(WORK_QUEUE, 0), at(FIRST + 1, 16))],
      0,
    ],
    ['a timer behind a typedef', [{ kind: 'typedef', name: 't', type: TIMER }, struct('v', 16, at(FIRST, 0))], 0],
    ['a timer behind a qualifier', [{ kind: 'const', name: '', type: TIMER }, struct('v', 16, at(FIRST, 0))], 0],
    [
      'a timer in a union',
      [{ kind: 'union', name: 'u', size: 16, members: [at(TIMER, 0)] }, struct('v', 16, at(FIRST, 0))],
      0,
    ],
    [
      'a union of a timer’s name',
      [{ kind: 'union', name: 'bpf_timer', size: 16, members: [at(U64, 0)] }, struct('v', 16, at(FIRST, 0))],
      0,
    ],
    ['a timer of another size', [struct('bpf_timer', 8, at(U64, 0)), struct('v', 16, at(U64, 0), at(FIRST, 8))], 0],
    [
      'a timer inside one of another size',
      [struct('bpf_timer', 24, at(U64, 0), at(TIMER, 8)), struct('v', 24, at(FIRST, 0))],
      0,
    ],
    [
      'a timer and eleven counts',
      [struct('v', 64, at(TIMER, 0), ...Array.from({ length: 11 }, (_, i) => at(REFCOUNT, 16 + 4 * i)))],
      0,
    ],
    ['nothing but a timer, in an array', [several(TIMER, 1)], 0],
    ['nothing but a timer, in a union', [{ kind: 'union', name: 'u', size: 16, members: [at(TIMER, 0)] }], 0],
    ['a list in an array of one, without a tag', [several(LIST_HEAD, 1), struct('v', 16, at(FIRST, 0))], 0],
  ])('%s', (_, types, expected) => {
    expect(answer(types)).toBe(expected)
  })

  it('a timer and a key that no such map has hears of the timer', () => {
    expect(answer([struct('k', 4, at(U32, 0)), struct('v', 16, at(TIMER, 0))], FIRST)).toBe(-EOPNOTSUPP)
  })
})

describe('a list or tree in a struct of some BTF', () => {
  const value = struct('value', 24, at(LOCK, 0), at(LIST_HEAD, 8))
  const good = tag('contains:elem:node', FIRST, 1)

  it.each<[string, BtfType[], number]>([
    ['is no field for sk storage', [value, good], -EOPNOTSUPP],
    ['nor is a tree', [struct('v', 24, at(LOCK, 0), at(RB_ROOT, 8)), tag('contains:leaf:node', FIRST, 1)], -EOPNOTSUPP],
    [
      'nor are two',
      [struct('v', 40, at(LOCK, 0), at(LIST_HEAD, 8), at(LIST_HEAD, 24)), good, tag('contains:elem:node', FIRST, 2)],
      -EOPNOTSUPP,
    ],
    ['nor is one in a nested struct', [value, good, struct('out', 32, at(U64, 0), at(FIRST, 8))], -EOPNOTSUPP],
    [
      'nor is one in an array of one',
      [several(LIST_HEAD, 1), struct('v', 24, at(LOCK, 0), at(FIRST, 8)), tag('contains:elem:node', FIRST + 1, 1)],
      -EOPNOTSUPP,
    ],
    ['may stand beside the value', [value, good, struct('plain', 8, at(U64, 0))], 0],
    ['is refused with a lock of another kind', [struct('v', 24, at(RES_LOCK, 0), at(LIST_HEAD, 8)), good], -EINVAL],
    ['is refused without a lock', [struct('v', 24, at(U64, 0), at(LIST_HEAD, 8)), good], -EINVAL],
    ['is refused without a tag, whoever has it', [value, struct('plain', 8, at(U64, 0))], -EINVAL],
    ['is refused with two tags', [value, good, good], -EINVAL],
    ['is refused with a tag of another member', [value, tag('contains:elem:node', FIRST, 0)], -EINVAL],
    ['is refused with a tag that names no member', [value, tag('contains:elem', FIRST, 1)], -EINVAL],
    ['is refused with a tag of another kind', [value, tag('holds:elem:node', FIRST, 1)], -EINVAL],
    ['is refused where its struct is not there', [value, tag('contains:elephant:node', FIRST, 1)], -ENOENT],
    ['is refused where its member is not there', [value, tag('contains:elem:none', FIRST, 1)], -ENOENT],
    ['is refused where its member is no node', [value, tag('contains:elem:n', FIRST, 1)], -EINVAL],
    ['is refused where its member is the node of a tree', [value, tag('contains:leaf:node', FIRST, 1)], -EINVAL],
    [
      'is refused where its node is of another size',
      [
        value,
        struct('bpf_list_node', 16, at(PAIR, 0)),
        struct('small', 24, at(U64, 0), at(FIRST + 1, 8, 'node')),
        tag('contains:small:node', FIRST, 1),
        struct('v', 8, at(U64, 0)),
      ],
      -EFAULT,
    ],
    ['that is not aligned is bytes', [struct('v', 24, at(LOCK, 0), at(LIST_HEAD, 4)), good], 0],
    [
      'that is not aligned is refused where it is the only field',
      [struct('v', 24, at(U32, 0), at(LIST_HEAD, 4))],
      -EFAULT,
    ],
    [
      'of another size is bytes',
      [struct('bpf_list_head', 8, at(U64, 0)), struct('v', 16, at(U64, 0), at(FIRST, 8))],
      0,
    ],
    [
      'in a union is bytes',
      [{ kind: 'union', name: 'u', size: 16, members: [at(LIST_HEAD, 0)] }, struct('v', 16, at(FIRST, 0))],
      0,
    ],
  ])('%s', (_, types, expected) => {
    expect(answer(types)).toBe(expected)
  })
})
