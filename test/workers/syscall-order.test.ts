import { describe, expect, it } from 'vitest'
import { struct, u32 } from '../../src/shared/btf/btf.ts'
import { mapBtf } from '../../src/shared/btf/emit.ts'
import { syscallsOf } from '../../src/workers/syscalls.ts'
import { house } from '../shared/setting.ts'

const CLOSED = 4000
const COUNTER = { type: 24, keySize: 4, valueSize: 8, maxEntries: 0, flags: 1, btfKeyTypeId: 1, btfValueTypeId: 2 }

/** The code of what a call throws. */
function code(call: () => unknown): string | undefined {
  try {
    call()
  } catch (error) {
    return (error as { code: string }).code
  }
  return undefined
}

describe('of two reasons to refuse a syscall the kernel names', () => {
  const { cpu } = house()
  const sys = syscallsOf(cpu)
  const map = sys.mapCreate(COUNTER)
  const socket = sys.socket()

  it('flags that no lookup knows before a descriptor that is not open', () => {
    expect(code(() => sys.mapLookup(CLOSED, socket, 8))).toBe('EINVAL')
    expect(code(() => sys.mapLookup(CLOSED, socket, 0))).toBe('EBADF')
  })

  it('a value that is too large before a name that can not be', () => {
    expect(code(() => sys.mapCreate({ ...COUNTER, valueSize: 65408, name: 'bad-name' }))).toBe('E2BIG')
    expect(code(() => sys.mapCreate({ ...COUNTER, name: 'bad-name' }))).toBe('EINVAL')
  })

  it('EBADFD, not EBADF, when information about a closed descriptor is asked for', () => {
    expect(code(() => sys.mapInfo(CLOSED))).toBe('EBADFD')
    expect(code(() => sys.mapInfo(socket))).toBe('EINVAL')
  })

  it('ENOTSUPP for every batch operation, behind a descriptor that is not open or no map', () => {
    for (const operation of ['LOOKUP', 'LOOKUP_AND_DELETE', 'UPDATE', 'DELETE'] as const) {
      expect(code(() => sys.mapBatch(operation, map))).toBe('ENOTSUPP')
      expect(code(() => sys.mapBatch(operation, CLOSED))).toBe('EBADF')
      expect(code(() => sys.mapBatch(operation, socket))).toBe('EINVAL')
    }
  })

  it('EPERM for what only a capable caller may do, whatever else is wrong', () => {
    const { bytes, keyTypeId, valueTypeId } = mapBtf(struct('v', { n: u32 }) as never)
    const btfFd = sys.btfLoad(bytes)
    const typed = { ...COUNTER, valueSize: 4, btfFd, btfKeyTypeId: keyTypeId, btfValueTypeId: valueTypeId }
    const anybody = syscallsOf(cpu, false)
    expect(code(() => anybody.btfLoad(new Uint8Array(0)))).toBe('EPERM')
    expect(code(() => anybody.btfGetFdById(99))).toBe('EPERM')
    expect(code(() => anybody.mapCreate(typed))).toBe('EPERM')
    expect(code(() => anybody.mapGetFdById(99))).toBe('EPERM')
    expect(code(() => anybody.mapGetNextId(0))).toBe('EPERM')
    anybody.mapUpdate(map, socket, new Int32Array(2))
    expect(anybody.mapLookup(map, socket)).toEqual(new Int32Array(2))
    expect(anybody.mapInfo(map).id).toBe(1)
    anybody.mapDelete(map, socket)
    expect(sys.mapInfo(sys.mapCreate(typed)).btfId).toBe(sys.btfInfo(btfFd).id)
  })

  it('the next id of a map, and ENOENT behind the last', () => {
    const ids = [sys.mapGetNextId(0)]
    while (code(() => sys.mapGetNextId(ids.at(-1)!)) === undefined) ids.push(sys.mapGetNextId(ids.at(-1)!))
    expect(ids).toEqual([1, 2])
    expect(code(() => sys.mapGetNextId(2))).toBe('ENOENT')
  })

  it('EBADFD for information about BTF behind a closed descriptor, EINVAL about a map', () => {
    expect(code(() => sys.btfInfo(CLOSED))).toBe('EBADFD')
    expect(code(() => sys.btfInfo(map))).toBe('EINVAL')
  })

  it('ENOTSUPP for lookup and delete in one, behind bad flags and descriptors', () => {
    expect(code(() => sys.mapLookupAndDelete(CLOSED, socket, 8))).toBe('EINVAL')
    expect(code(() => sys.mapLookupAndDelete(CLOSED, socket))).toBe('EBADF')
    expect(code(() => sys.mapLookupAndDelete(map, socket, 4))).toBe('EINVAL')
    expect(code(() => sys.mapLookupAndDelete(map, socket))).toBe('ENOTSUPP')
  })
})
