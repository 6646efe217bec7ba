import { describe, expect, it } from 'vitest'
import { cpuOf } from '../../src/shared/cpu-of.ts'
import type { MapOptions } from '../../src/shared/map-options.ts'
import { createMemory } from '../../src/shared/memory.ts'
import { syscallsOf } from '../../src/workers/syscalls.ts'

const ARRAY: MapOptions = { type: 2, keySize: 4, valueSize: 8, maxEntries: 3, flags: 0 }

function setting(options: Partial<MapOptions> = {}) {
  const sys = syscallsOf(cpuOf(createMemory({ cpus: 2, bytes: 8 << 20 }), 0, false))
  return { sys, fd: sys.mapCreate({ ...ARRAY, ...options }) }
}

/** The code of what a syscall throws, or 'done'. */
function codeOf(call: () => unknown): string {
  try {
    call()
  } catch (error) {
    return (error as { code: string }).code
  }
  return 'done'
}

describe('the syscalls on an array', () => {
  it('find and set its values by index, as a number or a word', () => {
    const { sys, fd } = setting()
    sys.mapUpdate(fd, 1, Int32Array.of(7, 8))
    expect([...sys.mapLookup(fd, Int32Array.of(1))]).toEqual([7, 8])
    expect([...sys.mapLookup(fd, 0)]).toEqual([0, 0])
    expect([...sys.mapGetNextKey(fd, Int32Array.of(1))]).toEqual([2])
  })

  it('give and take the values of all CPUs of a per-CPU array', () => {
    const { sys, fd } = setting({ type: 6, valueSize: 4 })
    expect(codeOf(() => sys.mapUpdate(fd, 1, Int32Array.of(1)))).toBe('EINVAL')
    sys.mapUpdate(fd, 1, Int32Array.of(1, 0, 2, 0))
    expect([...sys.mapLookup(fd, 1)]).toEqual([1, 0, 2, 0])
  })

  it('say what the kernel says', () => {
    const { sys, fd } = setting()
    const value = Int32Array.of(1, 2)
    expect([
      codeOf(() => sys.mapLookup(fd, 3)),
      codeOf(() => sys.mapLookup(fd, 1, 4)),
      codeOf(() => sys.mapUpdate(fd, 3, value)),
      codeOf(() => sys.mapUpdate(fd, 1, value, 1)),
      codeOf(() => sys.mapUpdate(fd, 1, Int32Array.of(1))),
      codeOf(() => sys.mapUpdate(fd, Int32Array.of(1, 2), value)),
      codeOf(() => sys.mapDelete(fd, 1)),
      codeOf(() => sys.mapGetNextKey(fd, Int32Array.of(2))),
      codeOf(() => sys.mapLookupAndDelete(fd, 1)),
      codeOf(() => sys.mapBatch('LOOKUP', fd)),
      codeOf(() => sys.mapIterate(fd, () => true)),
    ]).toEqual([
      'ENOENT',
      'EINVAL',
      'E2BIG',
      'EEXIST',
      'EINVAL',
      'EINVAL',
      'EINVAL',
      'ENOENT',
      'ENOTSUPP',
      'ENOTSUPP',
      'EINVAL',
    ])
  })

  it('change nothing any more once it is frozen', () => {
    const { sys, fd } = setting()
    sys.mapUpdate(fd, 0, Int32Array.of(5, 6))
    sys.mapFreeze(fd)
    expect([
      codeOf(() => sys.mapUpdate(fd, 0, Int32Array.of(1, 1))),
      codeOf(() => sys.mapUpdate(fd, 9, Int32Array.of(1, 1), 9)),
      codeOf(() => sys.mapDelete(fd, 0)),
      codeOf(() => sys.mapFreeze(fd)),
    ]).toEqual(['EPERM', 'EPERM', 'EPERM', 'EPERM'])
    expect([...sys.mapLookup(fd, 0)]).toEqual([5, 6])
  })

  it('do not freeze values with a lock', () => {
    const { sys, fd } = setting({ lockOffset: 4 })
    expect(codeOf(() => sys.mapFreeze(fd))).toBe('ENOTSUPP')
  })
})
