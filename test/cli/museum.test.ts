import { describe, expect, it } from 'vitest'
import { events, skStorage } from './command.ts'

describe('sk-storage museum', () => {
  it('shows an exhibit: story, edits, the failing interleaving, and a line that replays it with the edits applied', async () => {
    const shown = await skStorage('museum', 'D10')
    expect(shown.status).toBe(0)
    expect(shown.stdout).toContain('D10  The first storage is published by look and store')
    expect(shown.stdout).toContain('Believed: If the pointer of the socket is still NULL')
    expect(shown.stdout).toContain('-   if (cmpxchg(words, sk + SOCK.storage, 0, storage) === 0) return 0')
    expect(shown.stdout).toContain('+     Atomics.store(words, sk + SOCK.storage, storage)')
    expect(shown.stdout).toContain('thread 0 is preempted')

    const [, line = ''] = /sk-storage replay '(.*)'/.exec(shown.stdout) ?? []
    expect(line).toMatch(/^explore1 museum#D10 /)
    expect(shown.stdout).toContain(`/#replay=${encodeURIComponent(line)}`)
    const replayed = await skStorage('replay', line, '--json')
    expect(replayed.status).toBe(1)
    expect(events(replayed)).toMatchObject([
      { event: 'replay', scenario: 'D10', stale: false, diverged: null, violation: { kind: 'assertion' } },
    ])
  })

  it('has a link to the page for what is explored raw, too', async () => {
    const { stdout } = await skStorage('museum', 'D52')
    expect(stdout).toContain("npx sk-storage replay 'explore1 museum#D52#raw ")
    expect(stdout).toContain('/#replay=')
  })

  it('says the same in one line of JSON', async () => {
    const { status, stdout } = await skStorage('museum', 'D17', '--json')
    expect(status).toBe(0)
    expect(JSON.parse(stdout)).toEqual({
      schema: 1,
      event: 'exhibit',
      id: 'D17',
      caught: true,
      detector: 'deadlock',
      executions: expect.any(Number),
      strategy: 'optimal',
      schedule: expect.stringMatching(/^S\d/),
    })
  })

  it('tells what it can not show, and explores what is no bug', async () => {
    const tale = await skStorage('museum', 'H04')
    expect(tale.status).toBe(0)
    expect(tale.stdout).toContain('Not shown: There are no tasks here.')
    const control = await skStorage('museum', 'B3')
    expect(control.status).toBe(0)
    expect(control.stdout).toContain('It happened, and nothing was reported.')
  })

  it('knows no other ids, on the command line and in a line to replay', async () => {
    expect(await skStorage('museum', 'H99')).toMatchObject({
      status: 2,
      stdout: '',
      stderr: "sk-storage museum: got 'H99', expected an exhibit such as H05 ('sk-storage museum' lists them)\n",
    })
    expect(await skStorage('replay', 'explore1 museum#H99 x S0 a')).toMatchObject({
      status: 2,
      stderr: "sk-storage replay: got a line of the exhibit 'H99', expected one of the museum\n",
    })
  })
})
