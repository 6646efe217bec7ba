import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import type { Machine } from '../../src/index.ts'
import { built, moduleUrl, onDoomedMachine, onMachine, sk, within } from './on-machine.ts'
import { MAP } from './race.ts'

const { liveObjects } = await built<typeof import('../../src/shared/slab.ts')>('src/shared/slab')

const LOCKED = { ...MAP, lockOffset: 4 }
const busy = (machine: Machine, more: object) => ({
  map: machine.sys.mapCreate(MAP),
  sockets: machine.sockets(4),
  ...more,
})

describe('boot', () => {
  it.each([0, -1, 1.5, 255, Number.NaN])('refuses %d CPUs in one sentence', async (cpus) => {
    await expect(sk.boot({ cpus })).rejects.toThrow(`cpus: got ${cpus}, expected an integer from 1 to 254`)
  })

  it('refuses a memory without room for the layout', async () => {
    await expect(sk.boot({ cpus: 2, memory: 1024 })).rejects.toThrow(
      /^bytes: got 1024, expected an integer from \d+ to \d+$/,
    )
  })
})

describe('a machine', () => {
  it('has all its threads, at rest, when boot resolves', async () => {
    const machine = await sk.boot({ cpus: 6, memory: 8 << 20 })
    expect(machine.pool.threads).toHaveLength(7)
    expect(liveObjects(machine.memory).words).toBe(0)
    await machine.shutdown()
  })

  // Node 20 aborts in one of some fifty times that a thread is terminated while it requires a module of ECMAScript.
  it('has its threads require nothing but CommonJS', async () => {
    await onMachine({ cpus: 1 }, async (machine) => {
      expect(machine.pool.options.filename).toMatch(/\.cjs$/)
    })
  })

  it('lets its process end at any moment of the start', async () => {
    const script = fileURLToPath(moduleUrl('leaves-early'))
    const leave = async (ms: number) => (await once(spawn(process.execPath, [script, `${ms}`]), 'exit'))[0]
    for (let ms = 40; ms < 280; ms += 60)
      expect(await Promise.all([leave(ms), leave(ms + 20), leave(ms + 40)])).toEqual([7, 7, 7])
  })

  it('refuses everything that waits once it is destroyed, as it does those who were waiting', async () => {
    const machine = await sk.boot({ cpus: 1, memory: 8 << 20 })
    const waiting = expect(machine.call(moduleUrl('busy'), busy(machine, {}))).rejects.toMatchObject({
      code: 'destroyed',
    })
    await machine.destroy()
    await waiting
    const refusals = [machine.call(moduleUrl('busy')), machine.settle(), machine.shutdown()]
    for (const refused of refusals) await expect(refused).rejects.toThrow('the machine was shut down or destroyed')
  })
})

describe('CPUs', () => {
  it('make progress when there are more of them than cores', async () => {
    await onMachine({ cpus: 16, sanitize: true }, async (machine) => {
      const done = (await machine.call(moduleUrl('busy'), busy(machine, { turns: 150 }))) as {
        turns: number
        id: number
      }[]
      expect(done.map(({ id, turns }) => [id, turns])).toEqual(Array.from({ length: 16 }, (_, id) => [id, 150]))
    })
  })

  it('wait for each other at a barrier, whoever wakes them meanwhile', async () => {
    await onMachine({ cpus: 3 }, async (machine) => {
      const board = new Int32Array(new SharedArrayBuffer(64))
      expect(await machine.call(moduleUrl('barrier'), { board, rounds: 10 })).toEqual([0, 0, 0])
    })
  })

  it('are given seeds of their own, the same for the same seed of the machine', async () => {
    const seedsOf = (seed?: number) =>
      onMachine({ cpus: 3, seed }, async (machine) => {
        const done = (await machine.call(moduleUrl('busy'), busy(machine, { turns: 0 }))) as { seed: number }[]
        return done.map((cpu) => cpu.seed)
      })
    const [first, again, other, unsaid] = [await seedsOf(7), await seedsOf(7), await seedsOf(8), await seedsOf()]
    expect(again).toEqual(first)
    expect(unsaid).toEqual(await seedsOf(1))
    expect(new Set([...first, ...other]).size).toBe(6)
  })

  it('end a call early when the machine is told to stop', async () => {
    await onMachine({ cpus: 2 }, async (machine) => {
      const call = machine.call(moduleUrl('busy'), busy(machine, {}))
      setTimeout(() => machine.stop(), 100)
      expect(await call).toHaveLength(2)
    })
  })
})

describe('the kworker', () => {
  it('begins the grace periods that a CPU with few callbacks waits for', async () => {
    await onMachine(
      { cpus: 1 },
      async (machine) => {
        const args = { map: machine.sys.mapCreate(MAP), socket: machine.sys.socket() }
        const [{ states, left }] = (await machine.call(moduleUrl('few-callbacks'), args)) as {
          states: number
          left: number
        }[]
        expect(left).toBe(0)
        expect(states).toBeGreaterThan(0)
      },
      20,
    )
  })
})

describe('a run', () => {
  const program = moduleUrl('program')

  it('counts every packet, and times runs only on request', async () => {
    await onMachine({ cpus: 3 }, async (machine) => {
      const maps = { first: machine.sys.mapCreate(LOCKED) }
      const [socket] = machine.sockets(1)
      const untimed = await machine.run(program, { maps, sockets: [socket], args: {}, packets: 500, steer: 'all' })
      expect(untimed).toHaveLength(3)
      for (const { runs, runTimeNs } of untimed) expect({ runs, runTimeNs }).toEqual({ runs: 500, runTimeNs: 0 })
      const timed = await machine.run(program, {
        maps,
        sockets: [socket],
        args: {},
        packets: 500,
        steer: 'all',
        stats: true,
      })
      for (const { runs, runTimeNs } of timed) expect(runs === 500 && runTimeNs > 0).toBe(true)
      const lost = 3000 - machine.sys.mapLookup(maps.first, socket, 4)[0]
      // Get-with-create returns NULL to the losers of the first-storage race.
      expect(lost).toBeGreaterThanOrEqual(0)
      expect(lost).toBeLessThan(3)
    })
  })

  it('ends after so many seconds', async () => {
    await onMachine({ cpus: 2 }, async (machine) => {
      const maps = { first: machine.sys.mapCreate(LOCKED) }
      const stats = await machine.run(program, { maps, sockets: machine.sockets(4), args: {}, seconds: 0.2 })
      for (const { runs, seconds } of stats) expect(runs > 0 && seconds >= 0.2).toBe(true)
    })
  })

  it('is refused for what makes no sense, and the machine goes on', async () => {
    await onMachine({ cpus: 2 }, async (machine) => {
      const maps = { first: machine.sys.mapCreate(LOCKED) }
      const sockets = machine.sockets(2)
      const missing = new URL('./modules/missing.js', import.meta.url)
      await expect(machine.run(missing, { sockets })).rejects.toThrow(
        /^got .*missing\.js, expected an existing module$/,
      )
      await expect(machine.call(missing)).rejects.toThrow(RangeError)
      for (const cpus of [0, 3, 1.5]) {
        const message = `cpus: got ${cpus}, expected an integer from 1 to 2`
        await expect(machine.run(program, { sockets, cpus })).rejects.toThrow(message)
        await expect(machine.call(program, {}, cpus)).rejects.toThrow(message)
      }
      await expect(machine.run(moduleUrl('nothing'), { sockets })).rejects.toThrow(
        /nothing\.js: got undefined as its default export, expected a function/,
      )
      await expect(machine.run(program, { maps: { first: sockets[0] }, sockets })).rejects.toMatchObject({
        code: 'EINVAL',
      })
      await expect(machine.run(program, { maps: { first: 999 }, sockets })).rejects.toMatchObject({ code: 'EBADF' })
      expect(await machine.run(program, { maps, sockets, args: {} })).toHaveLength(2)
    })
  })

  it('is refused for a socket that is none, though not every CPU was given it', async () => {
    await onDoomedMachine({ cpus: 2 }, async (machine) => {
      const maps = { first: machine.sys.mapCreate(LOCKED) }
      const sockets = [machine.sys.socket(), 999]
      const run = machine.run(program, { maps, sockets, args: {} })
      await expect(within(machine, run, 5)).rejects.toThrow(/EBADF/)
      await machine.shutdown()
    })
  })

  it('is refused when a program fails to load on one CPU, and leaves no reference behind', async () => {
    await onDoomedMachine({ cpus: 2 }, async (machine) => {
      const maps = { first: machine.sys.mapCreate(LOCKED) }
      const run = machine.run(program, { maps, sockets: machine.sockets(4), args: { how: 'throwsWhenLoaded' } })
      await expect(within(machine, run, 5)).rejects.toThrow(/CPU 1 threw TypeError: planted/)
      await machine.shutdown()
    })
  })

  it('is refused while another is under way', async () => {
    await onMachine({ cpus: 2 }, async (machine) => {
      const maps = { first: machine.sys.mapCreate(LOCKED) }
      const first = machine.run(program, { maps, sockets: machine.sockets(2), args: {}, seconds: 0.2 })
      await expect(machine.run(program, { maps, sockets: [] })).rejects.toThrow(/one run at a time/)
      await first
    })
  })
})

describe('programs under the rules of the verifier', () => {
  it.each([
    ['helperUnderLock', 'VerifierError (helper-under-lock)'],
    ['secondLock', 'KernelBug (second-bpf-spin-lock)'],
    ['lockAtExit', 'VerifierError (lock-at-exit)'],
    ['readSectionAtExit', 'VerifierError (read-section-at-exit)'],
  ])('are stopped when they break one: %s', async (how, name) => {
    await onDoomedMachine({ cpus: 2 }, async (machine) => {
      const maps = { first: machine.sys.mapCreate(LOCKED), second: machine.sys.mapCreate(LOCKED) }
      const run = machine.run(moduleUrl('program'), { maps, sockets: machine.sockets(2), args: { how } })
      await expect(run).rejects.toMatchObject({
        code: 'worker-threw',
        message: expect.stringContaining(`threw ${name}`),
      })
    })
  })
})

describe('attached programs', () => {
  const program = moduleUrl('program')

  it('hold their maps until a grace period after they are detached', async () => {
    await onMachine({ cpus: 2, sanitize: true }, async (machine) => {
      const fd = machine.sys.mapCreate(LOCKED)
      const { id } = machine.sys.mapInfo(fd)
      const attached = machine.attach(program, { maps: { first: fd }, args: {} })
      const other = machine.attach(program, { maps: { first: fd }, args: {} })
      const sockets = machine.sockets(4)
      const run = attached.run({ sockets, seconds: 0.2 })
      setTimeout(() => machine.sys.close(fd), 50)
      await run
      expect(liveObjects(machine.memory)).toMatchObject({ map: 1, prog: 2, elem: 4 })
      attached.detach()
      attached.detach()
      await machine.settle()
      expect(liveObjects(machine.memory)).toMatchObject({ map: 1, prog: 1 })
      const again = machine.sys.mapGetFdById(id)
      expect(machine.sys.mapLookup(again, sockets[0], 4)[0]).toBeGreaterThan(0)
      machine.sys.close(again)
      other.detach()
      await machine.settle()
      expect(() => machine.sys.mapGetFdById(id)).toThrow(/ENOENT/)
      expect(liveObjects(machine.memory)).toMatchObject({ map: 0, prog: 0, elem: 0, storage: 0 })
      await expect(attached.run({ sockets })).rejects.toThrow(/detached/)
    })
  })

  it('keep their maps while they still run, though detached meanwhile', async () => {
    await onDoomedMachine({ cpus: 2, sanitize: true }, async (machine) => {
      const fd = machine.sys.mapCreate(LOCKED)
      const attached = machine.attach(program, { maps: { first: fd }, args: {} })
      const run = attached.run({ sockets: machine.sockets(4), seconds: 0.6 })
      // Heard of below; here it must not count as unhandled.
      run.catch(() => {})
      await new Promise((resolve) => setTimeout(resolve, 150))
      machine.sys.close(fd)
      attached.detach()
      await machine.settle()
      await run
      await machine.shutdown()
    })
  })
})
