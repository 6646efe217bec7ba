import { describe, expect, it } from 'vitest'
import type { MachineFailure } from '../../src/index.ts'
import { WAITING_GRACE_PERIOD, WAITING_LOCK, WAITING_MUTEX } from '../../src/sync/cpu.ts'
import { moduleUrl, onDoomedMachine, within } from './on-machine.ts'
import { MAP } from './race.ts'

/** Lets CPUs hang or die in the given way, and returns what the machine says of it; it has five seconds. */
async function storyOf(how: string, options: { cpus?: number; args?: object } = {}): Promise<MachineFailure> {
  return await onDoomedMachine({ cpus: options.cpus ?? 2 }, async (machine) => {
    const call = machine.call(moduleUrl('hang'), { how, map: machine.sys.mapCreate(MAP), ...options.args })
    const failure = await within(machine, call, 5).catch((error) => error)
    expect(failure, `${failure}`).toMatchObject({ name: 'MachineFailure' })
    if (failure.code !== 'worker-threw' || !failure.story.clean) {
      await expect(machine.call(moduleUrl('hang'), { how })).rejects.toBe(failure)
      await expect(machine.settle()).rejects.toBe(failure)
      await expect(machine.shutdown()).rejects.toBe(failure)
    }
    return failure
  })
}

describe('a machine that hangs', () => {
  it('tells a deadlock: which lock, who waits, who holds it and what that one waits for', async () => {
    const { code, cpu, message } = await storyOf('deadlock')
    expect(code).toBe('soft-lockup')
    expect([0, 1]).toContain(cpu)
    const [mine, other] = [cpu, 1 - cpu]
    expect(message).toMatch(
      new RegExp(
        `^soft-lockup: CPU ${mine} \\(file:.*hang\\.js\\) waits since \\d+ ms for the lock of bucket ${other} of map 1 at word \\d+; ` +
          `CPU ${other} holds it \\(file:.*hang\\.js, 1 spin lock held, waiting for the lock at word \\d+\\)$`,
      ),
    )
  })

  it('tells a program that never ends: which CPU, and that it is in a read section', async () => {
    const { code, cpu, message } = await storyOf('readSection')
    expect({ code, cpu }).toEqual({ code: 'rcu-stall', cpu: 1 })
    expect(message).toMatch(
      /^rcu-stall: CPU 1 \(file:.*hang\.js, in a read section\) has not been in a quiescent state for \d+ ms; CPU 2 \(kworker\) waits for it$/,
    )
  })

  it('tells a loop under a lock by the one who waits for the lock, or by the grace period that does not end', async () => {
    const { code, message } = await storyOf('loopUnderLock')
    expect(['soft-lockup', 'rcu-stall']).toContain(code)
    expect(message).toMatch(
      /CPU 0 .* waits since \d+ ms for the lock of bucket 0 of map 1 at word \d+; CPU 1 holds it|CPU 0 \(.*waiting for the lock at word \d+\) has not been in a quiescent state/,
    )
  })
})

describe('a machine that hangs in a memory that was overwritten', () => {
  it('tells a lock whose word is none', async () => {
    const { code, cpu, message } = await storyOf('lockOverwritten')
    expect({ code, cpu }).toEqual({ code: 'memory-damaged', cpu: 0 })
    // Whoever waits has marked the word.
    expect(message).toMatch(
      new RegExp(
        `^memory-damaged: CPU 0 \\(file:.*hang\\.js\\) waits since \\d+ ms for the lock of bucket 0 of map 1 at word \\d+; ` +
          `that word holds ${0x1_7654}, which names no CPU: it was overwritten$`,
      ),
    )
  })

  it.each([
    ['a lock', WAITING_LOCK, -5, /for a lock at word -5, and the memory has \d+: what it waits for was overwritten$/],
    ['a mutex', WAITING_MUTEX, 0x7fff_ffff, /for a lock at word 2147483647, and the memory has \d+: /],
    ['a grace period', WAITING_GRACE_PERIOD, 0x7fff_ffff, /at word 2147483647, where no CPU is: /],
    ['a grace period before all CPUs', WAITING_GRACE_PERIOD, 1, /at word 1, where no CPU is: /],
  ])('tells a CPU that is said to wait for %s where none is', async (_, kind, at, told) => {
    const { code, cpu, message } = await storyOf('cornerOverwritten', { args: { kind, at } })
    expect({ code, cpu }).toEqual({ code: 'memory-damaged', cpu: 0 })
    expect(message).toMatch(told)
  })
})

describe('a machine whose worker fails', () => {
  it('tells what was thrown under a lock, and does not wait for those who want the lock', async () => {
    const { code, cpu, message, story } = await storyOf('throwsUnderLock', { cpus: 3 })
    expect({ code, cpu }).toEqual({ code: 'worker-threw', cpu: 1 })
    expect(message).toBe('worker-threw: CPU 1 threw Error: planted; it left 1 spin locks held and 0 read sections open')
    expect(story).toMatchObject({ clean: false, locksHeld: 1, nesting: 0 })
  })

  it('tells what was thrown in a read section', async () => {
    const { code, message } = await storyOf('throwsInReadSection')
    expect(code).toBe('worker-threw')
    expect(message).toContain('CPU 1 threw Error: planted; it left 0 spin locks held and 1 read sections open')
  })

  it('rejects a call when one CPU fails while the others wait for it at the barrier', async () => {
    const { code, cpu, message } = await storyOf('throwsBeforeBarrier', { cpus: 3 })
    expect({ code, cpu }).toEqual({ code: 'worker-threw', cpu: 1 })
    expect(message).toContain('CPU 1 threw Error: planted')
  })

  it('tells that a thread ended by itself', async () => {
    const { code, cpu, message } = await storyOf('exits', { cpus: 3 })
    expect({ code, cpu }).toEqual({ code: 'worker-exited', cpu: 1 })
    expect(message).toMatch(/the thread of CPU 1 \(file:.*hang\.js\) ended: .*3/)
  })

  it('goes on after a failure that left its CPU clean', async () => {
    await onDoomedMachine({ cpus: 1 }, async (machine) => {
      const map = machine.sys.mapCreate({ ...MAP, lockOffset: 4 })
      const program = { maps: { first: map }, sockets: machine.sockets(1), args: { how: 'throwsWhenLoaded' } }
      await expect(machine.call(moduleUrl('takes-a-reference'), { what: 'sock', fd: 999 })).rejects.toMatchObject({
        code: 'worker-threw',
        story: { clean: true },
      })
      await machine.run(moduleUrl('program'), program)
      await machine.shutdown()
    })
  })
})
