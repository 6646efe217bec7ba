import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import type { Machine } from '../../src/index.ts'
import { moduleUrl, onDoomedMachine } from './on-machine.ts'
import { MAP } from './race.ts'

const KILLS = 50
/** So many machines at a time. */
const AT_ONCE = 3

/** Runs `act` for 0 .. KILLS - 1, a few at a time. */
async function times(act: (nth: number) => Promise<void>): Promise<void> {
  let next = 0
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (next < KILLS) await act(next++)
    }),
  )
}

const rejection = (promise: Promise<unknown>): Promise<{ code?: string; message?: string } | undefined> =>
  promise.then(
    () => undefined,
    (error) => error,
  )

/** Ends a machine that failed or did not: either way without a hang. */
async function end(machine: Machine): Promise<void> {
  machine.stop()
  await machine.destroy()
}

it(`survives a worker killed at a random moment, ${KILLS} times`, async () => {
  const codes = new Map<string, number>()
  await times((nth) =>
    onDoomedMachine({ cpus: 2, sanitize: nth % 2 === 0, seed: nth }, async (machine) => {
      const args = { map: machine.sys.mapCreate(MAP), sockets: machine.sockets(4) }
      const rejected = rejection(machine.call(moduleUrl('busy'), args))
      // From before the threads have loaded the module to when all are at work. Three threads: one of them is the
      // kworker.
      await new Promise((resolve) => setTimeout(resolve, (nth * 7) % 60))
      await machine.pool.threads[nth % 3].terminate()
      machine.stop()
      const error = await rejected
      const code = error?.code ?? 'finished'
      codes.set(code, (codes.get(code) ?? 0) + 1)
      // A thread that was killed before it had its task is replaced, and the run may end well.
      expect(['finished', 'worker-exited', 'soft-lockup', 'rcu-stall'], error?.message).toContain(code)
      await end(machine)
    }),
  )
  expect(codes.get('worker-exited') ?? 0).toBeGreaterThan(KILLS / 4)
})

it(`survives a worker killed inside a critical section, ${KILLS} times`, async () => {
  await times((nth) =>
    onDoomedMachine({ cpus: 2, sanitize: nth % 2 === 0 }, async (machine) => {
      const board = new Int32Array(new SharedArrayBuffer(8))
      const args = { how: 'waitsToBeKilled', reading: nth % 4 < 2, map: machine.sys.mapCreate(MAP), board }
      const rejected = rejection(machine.call(moduleUrl('hang'), args))
      await Atomics.waitAsync(board, 1, 0).value
      await machine.pool.threads.find((thread) => thread.threadId === board[0])?.terminate()
      expect(await rejected).toMatchObject({ name: 'MachineFailure', code: 'worker-exited', cpu: 0 })
      await end(machine)
    }),
  )
})

it('replaces a thread that was killed while idle, and tells of one that is killed while it starts', async () => {
  await onDoomedMachine({ cpus: 2 }, async (machine) => {
    const args = { map: machine.sys.mapCreate(MAP), sockets: machine.sockets(4), turns: 10 }
    const killLast = () => machine.pool.threads.at(-1)?.terminate()
    await killLast()
    expect(await machine.call(moduleUrl('busy'), args)).toHaveLength(2)
    await killLast()
    const there = machine.pool.threads
    const rejected = rejection(machine.call(moduleUrl('busy'), args))
    const starting = machine.pool.threads.filter((thread) => !there.includes(thread))
    expect(starting).toHaveLength(1)
    await starting[0].terminate()
    expect(await rejected).toMatchObject({
      code: 'worker-exited',
      message: 'worker-exited: a thread ended while it was starting',
    })
  })
})

/** Runs a process with a machine of its own to its end, and returns what it printed. */
async function processWith(how: string): Promise<string> {
  const script = fileURLToPath(moduleUrl('process'))
  const { stdout } = await promisify(execFile)(process.execPath, [script, how], { timeout: 600_000 })
  return `${how}: ${stdout.trim()}`
}

it('lets its process end after each kind of failure', async () => {
  const ends = ['deadlock', 'readSection', 'throwsUnderLock', 'exits'].map(processWith)
  expect(await Promise.all(ends)).toEqual([
    'deadlock: soft-lockup',
    'readSection: rcu-stall',
    'throwsUnderLock: worker-threw',
    'exits: worker-exited',
  ])
})
