import { describe, expect, it } from 'vitest'
import { moduleUrl, onDoomedMachine, onMachine, sk } from './on-machine.ts'
import { MAP } from './race.ts'

const { errorsOf } = (await import(moduleUrl('syscall-errors').href)) as {
  errorsOf(sys: unknown, args: object): [string, string, number][]
}

const EXPECTED = {
  'lookup without a value': ['ENOENT', 2],
  'lookup in no map': ['EBADF', 9],
  'lookup in a socket': ['EINVAL', 22],
  'lookup at no socket': ['EBADF', 9],
  'lookup at a map': ['ENOTSOCK', 88],
  'lookup with odd flags': ['EINVAL', 22],
  'update with EXIST': ['ENOENT', 2],
  'update with odd flags': ['EINVAL', 22],
  'update with F_LOCK': ['EINVAL', 22],
  'update of the wrong length': ['EINVAL', 22],
  'update at a map': ['ENOTSOCK', 88],
  'delete without a value': ['ENOENT', 2],
  'next key': ['ENOTSUPP', 524],
  'accept on no listener': ['EINVAL', 22],
  'accept on a datagram socket': ['EOPNOTSUPP', 95],
  'accept on a map': ['ENOTSOCK', 88],
  'close nothing': ['EBADF', 9],
  'iterate a hash map': ['EINVAL', 22],
  'open no map by id': ['ENOENT', 2],
  'create with max entries': ['EINVAL', 22],
  'create too large': ['E2BIG', 7],
  'fill the table': ['EMFILE', 24],
  'no memory': ['ENOMEM', 12],
}

describe('syscalls that fail', () => {
  it.each([false, true])(
    'throw BpfError with the same code on the main thread and on a worker (sanitize: %s)',
    async (sanitize) => {
      await onMachine({ cpus: 1, sanitize, maxFds: 256, memory: 4 << 20 }, async (machine) => {
        const { sys } = machine
        const listener = sys.socket({ state: sk.TCP_LISTEN })
        const args = {
          map: sys.mapCreate(MAP),
          hash: sys.mapCreate({ type: 1, keySize: 8, valueSize: 8, maxEntries: 4, flags: 0 }),
          socket: sys.socket(),
          listener,
          udp: sys.socket({ type: sk.SOCK_DGRAM }),
        }
        const here = errorsOf(sys, args)
        expect(Object.fromEntries(here.map(([what, ...error]) => [what, error]))).toEqual(EXPECTED)
        await machine.settle()
        const [there] = await machine.call(moduleUrl('syscall-errors'), args)
        expect(there).toEqual(here)
      })
    },
  )

  it('are BpfErrors that name the call', async () => {
    await onMachine({ cpus: 1 }, async ({ sys }) => {
      const error = await Promise.resolve()
        .then(() => sys.close(77))
        .catch((error) => error)
      expect(error).toBeInstanceOf(sk.BpfError)
      expect(error).toMatchObject({ name: 'BpfError', code: 'EBADF', errno: 9, syscall: 'close' })
      expect(error.message).toContain('fd 77')
    })
  })
})

describe('settle and shutdown', () => {
  it('come to rest with everything closed, and may be asked again', async () => {
    await onMachine({ cpus: 2 }, async (machine) => {
      for (let i = 0; i < 20; i++) {
        const map = machine.sys.mapCreate(MAP)
        for (const fd of machine.sockets(10, { rcuFree: i % 2 === 0 })) {
          machine.sys.mapUpdate(map, fd, new Int32Array(2))
          machine.sys.close(fd)
        }
        machine.sys.close(map)
        await Promise.all([machine.settle(), machine.settle()])
        expect(machine.report().leaks).toEqual({ objects: 0, bytes: 0 })
      }
      expect(machine.report().gracePeriods).toBeGreaterThan(0)
    })
  })

  it('find an idle machine at rest however often they look', async () => {
    await onMachine({ cpus: 1 }, async (machine) => {
      await machine.settle()
      const end = performance.now() + 1500
      const found = new Set<string>()
      let looks = 0
      while (performance.now() < end) {
        for (const wrong of machine.check()) found.add(wrong)
        if (looks++ % 100 === 0) await new Promise((resolve) => setImmediate(resolve))
      }
      expect([...found]).toEqual([])
    })
  })

  it.each(['sock', 'map'])('name a %s that somebody forgot to put', async (what) => {
    await onDoomedMachine({ cpus: 1 }, async (machine) => {
      const fd = what === 'sock' ? machine.sys.socket() : machine.sys.mapCreate(MAP)
      await machine.call(moduleUrl('takes-a-reference'), { what, fd })
      await expect(machine.shutdown()).rejects.toMatchObject({
        name: 'MachineFailure',
        code: 'leak',
        message: expect.stringMatching(new RegExp(`^leak: left at shutdown: 1 ${what}(, 1 buckets)?, \\d+ bytes$`)),
      })
    })
  })

  it.each([
    [0, 'word 0 holds 5, expected 0: something was stored through a NULL pointer'],
    [47, 'word 47 holds 5, expected 0: something was stored through a NULL pointer'],
    [48, 'the header is damaged: got magic number 0x00000005, expected 0x534b5354'],
  ])('name what was stored at word %i, through a NULL pointer or into the header', async (word, sentence) => {
    await onDoomedMachine({ cpus: 1 }, async (machine) => {
      await machine.settle()
      machine.memory.words[word] = 5
      expect(machine.check()).toEqual([sentence])
      await expect(machine.shutdown()).rejects.toMatchObject({
        code: 'memory-damaged',
        message: `memory-damaged: ${sentence}`,
      })
    })
  })
})
