import { describe, expect, it } from 'vitest'
import { events, HANG, skStorage, start } from './command.ts'

describe('selftest', () => {
  it(
    "passes the kernel's three tests, one line of JSON each",
    async () => {
      const ended = await skStorage('selftest', '--seconds', '0.5', '--sockets', '256', '--threads', '3', '--json')
      expect(ended.stderr).toBe('')
      expect(events(ended)).toEqual(
        ['basic', 'stress_free', 'stress_change'].map((name) => ({
          schema: 1,
          event: 'selftest',
          name,
          rounds: expect.any(Number),
          passed: true,
        })),
      )
      for (const event of events(ended)) expect(event.rounds).toBeGreaterThan(0)
      expect(ended.status).toBe(0)
    },
    HANG,
  )

  it(
    'runs one of them, and reports it as a table',
    async () => {
      const { status, stdout } = await skStorage('selftest', 'stress_free', '--seconds', '0.2', '--sockets', '32')
      expect(stdout).toMatch(/^test +rounds +seconds +result\nstress_free +[\d,]+ +[\d.]+ +passed\n1 passed\n$/)
      expect(status).toBe(0)
    },
    HANG,
  )

  it(
    'ends at Ctrl-C, after the tests so far, with status 130',
    async () => {
      const { child, ended } = start('selftest', '--seconds', '600', '--sockets', '64', '--json')
      await new Promise<void>((resolve) => child.stdout?.once('data', () => resolve()))
      // The first test is over; the second has had time to begin, or has not: both must end.
      child.kill('SIGINT')
      const result = await ended
      expect(events(result)[0]).toMatchObject({ name: 'basic', passed: true })
      expect(result.status ?? result.signal).toBe(result.status === null ? 'SIGINT' : 130)
    },
    HANG,
  )
})
