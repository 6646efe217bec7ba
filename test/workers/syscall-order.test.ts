import { describe, expect, it } from 'vitest'
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
  const sys = syscallsOf(house().cpu)
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

  it('ENOTSUPP for lookup and delete in one, behind bad flags and descriptors', () => {
    expect(code(() => sys.mapLookupAndDelete(CLOSED, socket, 8))).toBe('EINVAL')
    expect(code(() => sys.mapLookupAndDelete(CLOSED, socket))).toBe('EBADF')
    expect(code(() => sys.mapLookupAndDelete(map, socket, 4))).toBe('EINVAL')
    expect(code(() => sys.mapLookupAndDelete(map, socket))).toBe('ENOTSUPP')
  })
})
