import { expect, it } from 'vitest'
import { kfreeCallback, kfreeFunc } from '../../src/shared/callbacks.ts'
import * as errno from '../../src/shared/errno.ts'
import { kmalloc, liveObjects } from '../../src/shared/slab.ts'
import { KIND } from '../../src/shared/slab-layout.ts'
import { house } from './setting.ts'

it('names every error it has, negated or not, and no other', () => {
  for (const [name, number] of Object.entries(errno)) {
    if (typeof number !== 'number') continue
    expect(errno.errnoName(number)).toBe(name)
    expect(errno.errnoName(-number)).toBe(name)
  }
  expect(errno.errnoName(4711)).toBe('E4711')
})

it('has the numbers of Linux', async () => {
  const { constants } = await import('node:os')
  for (const [name, number] of Object.entries(errno)) {
    // ENOTSUPP is the kernel's own and in no user's header; EBADFD is in Linux's, but not in Node's list.
    if (typeof number === 'number' && name !== 'ENOTSUPP' && name !== 'EBADFD')
      expect([name, number]).toEqual([name, (constants.errno as Record<string, number>)[name]])
  }
})

it('packs into one word how to free an object: kind, size and where its head stands', () => {
  const { memory, cpu } = house({ sanitize: true, bytes: 16 << 20 })
  for (const [kind, size, offset] of [
    [KIND.sock, 32, 10],
    [KIND.elem, 16_360, 5],
    [KIND.prog, 1, 0],
    [KIND.file, 65_535, 31],
  ] as const) {
    const object = kmalloc(cpu, kind, size)
    kfreeCallback(cpu, object + offset, kfreeFunc(kind, size, offset))
  }
  expect(new Set(Object.values(liveObjects(memory)))).toEqual(new Set([0]))
})
