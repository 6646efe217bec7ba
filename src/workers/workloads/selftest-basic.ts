/**
 * The kernel's test `basic`: one socket, one map, each flag of update, and the maps that must be refused.
 *
 * Model: test_sk_storage_map_basic(), tools/testing/selftests/bpf/map_tests/sk_storage_map.c, commit 03ab8e6297ac.
 */

import type { MapOptions } from '../../shared/map-options.ts'
import { BPF_ANY, BPF_EXIST, BPF_F_LOCK, BPF_NOEXIST } from '../../shared/update-flags.ts'
import type { CallContext } from '../task.ts'
import { SELFTEST_MAP, type SelftestReport } from './selftest-report.ts'

/** Runs the sequence once, on one CPU. */
export default ({ sys }: CallContext): SelftestReport => {
  const wrong: string[] = []

  /** What a syscall gave: its errno by name, or what it returned. */
  const outcome = (call: () => unknown): string => {
    try {
      return `${call() ?? 0}`
    } catch (error) {
      const { code } = error as { code?: string }
      if (code === undefined) throw error
      return code
    }
  }
  const expect = (what: string, call: () => unknown, expected: string) => {
    const got = outcome(call)
    if (got !== expected) wrong.push(`${what}: got ${got}, expected ${expected}`)
  }

  const map = sys.mapCreate(SELFTEST_MAP)
  const socket = sys.socket({ family: 10 })
  const update = (what: string, cnt: number, flags: number, expected: string) =>
    // As in the kernel's test the lock word is the caller's rubbish, which must not get in.
    expect(`update ${what}`, () => sys.mapUpdate(map, socket, Int32Array.of(cnt, 1), flags), expected)
  const lookup = (what: string, expected: string) =>
    expect(`lookup ${what}`, () => sys.mapLookup(map, socket, BPF_F_LOCK).join(' '), expected)

  update('BPF_NOEXIST | BPF_F_LOCK of a new one', 0xeb9f, BPF_NOEXIST | BPF_F_LOCK, '0')
  lookup('of the new one', `${0xeb9f} 0`)
  update('BPF_EXIST | BPF_F_LOCK', 0xeb9f + 1, BPF_EXIST | BPF_F_LOCK, '0')
  lookup('after BPF_EXIST | BPF_F_LOCK', `${0xeb9f + 1} 0`)
  update('BPF_EXIST', 0xeb9f + 2, BPF_EXIST, '0')
  lookup('after BPF_EXIST', `${0xeb9f + 2} 0`)
  update('BPF_NOEXIST | BPF_F_LOCK of an old one', 0xeb9f + 3, BPF_NOEXIST | BPF_F_LOCK, 'EEXIST')
  lookup('after the refused BPF_NOEXIST | BPF_F_LOCK', `${0xeb9f + 2} 0`)
  update('BPF_NOEXIST of an old one', 0xeb9f + 4, BPF_NOEXIST, 'EEXIST')
  lookup('after the refused BPF_NOEXIST', `${0xeb9f + 2} 0`)
  update('BPF_ANY', 0xeb9f + 5, BPF_ANY, '0')
  lookup('after BPF_ANY', `${0xeb9f + 5} 0`)
  expect('delete', () => sys.mapDelete(map, socket), '0')
  lookup('after delete', 'ENOENT')
  expect('delete of none', () => sys.mapDelete(map, socket), 'ENOENT')

  const refuse = (what: string, options: Partial<MapOptions>) =>
    expect(`create with ${what}`, () => sys.mapCreate({ ...SELFTEST_MAP, ...options }), 'EINVAL')
  refuse('btf_key_type_id 0', { btfKeyTypeId: 0 })
  refuse('btf_key_type_id 3, a struct', { btfKeyTypeId: 3, keyIsInt: false })
  refuse('max_entries 1', { maxEntries: 1 })
  refuse('map_flags 0', { flags: 0 })

  sys.close(socket)
  sys.close(map)
  return { rounds: 1, wrong }
}
