import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { LONG, shareOf } from '../share.ts'
import { events, skStorage, skStorageInTurn, start } from './command.ts'

const lines = async (...args: string[]) => events(await skStorage(...args))

const objectFile = (name: string) => fileURLToPath(new URL(`../bpf/objects/${name}.bpf.o`, import.meta.url))

/** What stands in quotes in a command that replays. */
const lineOf = (command: string) => /'(.*)'$/.exec(command)?.[1] ?? command

describe('sk-storage bpf explore', () => {
  it('prints the result as a line of JSON, with status 1 for a lost update, and a line that replay takes', async () => {
    const ended = await skStorage('bpf', 'explore', objectFile('count'), '--programs', 'count,count', '--json')
    expect(ended.status).toBe(1)
    const [result] = events(ended) as [{ violation: { replay: string } }]
    expect(result).toMatchObject({
      schema: 1,
      event: 'result',
      scenario: 'count,count',
      complete: 32,
      exhaustive: true,
      failing: 16,
      violation: { kind: 'lost-update', sites: ['count.bpf.c:35  c->cnt++;'] },
    })
    const again = await skStorage('replay', lineOf(result.violation.replay))
    expect(again.status).toBe(1)
    expect(again.stdout).toContain('lost-update: ')
    expect(again.stdout).toContain('count.bpf.c:35  c->cnt++;')
  })

  const clean: [args: string[], told: string][] = [
    [['--programs', 'locked,locked'], 'cnt 2 bytes 200'],
    [['--programs', 'locked', '--with', 'close 0'], 'exhaustive: '],
  ]
  it.each(shareOf('what is clean', clean, 1))('is clean under the lock: %j', async (args, told) => {
    const ended = await skStorage('bpf', 'explore', objectFile('locked'), ...args)
    expect(ended.stdout).toContain(told)
    expect(ended.status).toBe(0)
  })

  it('takes syscalls alone, and programs that they call; their lines are replayed with LONG=1', async () => {
    const args = ['bpf', 'explore', objectFile('sockets'), '--with', 'connect 0', '--with', 'connect 1']
    const ended = await skStorage(...args, '--attach', 'gauge', '--json')
    expect(ended.status).toBe(1)
    const [result] = events(ended) as [{ violation: { kind: string; replay: string } }]
    expect(result).toMatchObject({ scenario: '+connect:0+connect:1+attach:gauge', complete: 4, failing: 2 })
    expect(result.violation.kind).toBe('lost-update')
    if (LONG) expect((await skStorage('replay', lineOf(result.violation.replay))).status).toBe(1)
  })

  it('tells races only if it is asked to', async () => {
    const args = ['bpf', 'explore', objectFile('count'), '--programs', 'count,count', '--races', '--first', '--json']
    expect(events(await skStorage(...args))).toMatchObject([{ violation: { kind: 'data-race' } }])
  })

  const wrong: [args: string[], sentence: RegExp][] = [
    [[], /got no --programs, expected names like count, count_locked or atomics/],
    [['--programs', 'nobody'], /--programs: got 'nobody', expected count, count_locked or atomics/],
    [['--programs', 'count', '--sockets', '0,1'], /--sockets: got 2 sockets for 1 programs, expected as many/],
    [
      ['--programs', 'count', '--with', 'open 0'],
      /got the call 'open', expected close SOCKET, connect SOCKET, .* or free MAP$/,
    ],
    [['--programs', 'count', '--attach', 'x'], /--attach: got 'x', expected count, count_locked or atomics/],
    [['--programs', 'count', '--context', 'op=4'], /got the field 'op' of a context, expected len, pkt_type, /],
    [['--programs', 'count', '--detect', 'loops'], /--detect: got 'loops', expected /],
  ]
  it('says in one sentence what is wrong with a command line', async () => {
    const all = await skStorageInTurn(wrong.map(([args]) => ['bpf', 'explore', objectFile('count'), ...args]))
    for (const [k, { status, stdout, stderr }] of all.entries()) {
      expect([status, stdout]).toEqual([2, ''])
      expect(stderr.trimEnd()).toMatch(wrong[k][1])
      expect(stderr.trimEnd()).not.toContain('\n')
    }
  })
})

describe('sk-storage bpf run', () => {
  it('runs a program on all CPUs and tells what stands in the maps', async () => {
    const args = ['bpf', 'run', objectFile('locked'), '--packets', '1000', '--len', '7', '--json']
    const ended = await skStorage(...args)
    expect(ended.status).toBe(0)
    expect(events(ended)).toMatchObject([
      { event: 'cpu', program: 'locked', cpu: 0, runs: 1000 },
      { event: 'cpu', program: 'locked', cpu: 1, runs: 1000 },
      { event: 'map', map: 'egress_cnt', values: 1, numbers: { cnt: '2000', bytes: '14000' } },
    ])
  })

  it('walks sockets, arrays and hash maps', async () => {
    const args = ['bpf', 'run', objectFile('calls'), '--program', 'operations', '--packets', '100', '--json']
    // It is of section sockops: the listener, and three events of each of 200 rounds.
    expect(events(await skStorage(...args)).slice(3)).toMatchObject([
      { map: 'per_cpu', values: 2, numbers: { value: '601' } },
      { map: 'untyped', values: 8, numbers: {} },
      { map: 'by_number', values: 1 },
      { map: '.data', values: 1 },
      { map: '.rodata', values: 1, numbers: { limit: '7' } },
      { map: '.bss', values: 1 },
    ])
  })

  it('lets syscalls call a program of sockets, counts its runs, and gives it fields of its context', async () => {
    const args = ['bpf', 'run', objectFile('sockets'), '--program', 'track', '--packets', '100', '--json']
    // Connect, two events of the state, established, accepted; the listener; and what closes both.
    const events = { event: 'map', map: 'events', numbers: { value: `${1 + 200 * 7}` } }
    expect(await lines(...args)).toMatchObject([
      { event: 'cpu', program: 'track', cpu: 0, runs: 100 },
      { event: 'cpu', program: 'track', cpu: 1, runs: 100 },
      { event: 'stats', program: 'track', runCnt: 1 + 200 * 7 },
      events,
      { map: 'lives' },
      { map: 'order', values: 16 },
      { map: '.bss', numbers: { flags_left: '16384' } },
    ])
    const given = ['bpf', 'run', objectFile('locked'), '--packets', '10', '--context', 'len=3', '--json']
    expect((await lines(...given)).at(-1)).toMatchObject({ numbers: { cnt: '20', bytes: '60' } })
  })

  it('is told of by prog show and ss while it runs', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sk-storage-'))
    const path = join(folder, 'socket')
    const args = ['bpf', 'run', objectFile('locked'), '--seconds', '600', '--stats', '--listen', path]
    const { child, ended } = start(...args)
    try {
      let shown: Record<string, unknown>[] = []
      while (child.exitCode === null && (shown[0]?.runCnt ?? 0) === 0) {
        const asked = await skStorage('prog', 'show', '--connect', path, '--json')
        shown = asked.status === 0 ? events(asked) : []
      }
      expect(shown).toMatchObject([
        { event: 'prog', type: 'cgroup_skb', name: 'locked', runTimeNs: expect.any(Number) },
      ])
      const [{ mapIds }] = shown as [{ mapIds: number[] }]
      const sockets = events(await skStorage('ss', '--bpf-maps', '--connect', path, '--json'))
      expect(sockets).toMatchObject([
        { event: 'socket', state: 'ESTAB', storages: [{ map: mapIds[0], name: 'egress_cnt' }] },
      ])
    } finally {
      child.kill('SIGKILL')
      await ended
      rmSync(folder, { recursive: true })
    }
  })

  const wrong: [args: string[], sentence: string][] = [
    [[objectFile('locked'), '--context', 'op'], "--context: got 'op', expected a field like op=4"],
    [[objectFile('count')], '--program: got none, expected count, count_locked or atomics'],
    [[objectFile('locked'), '--program', 'x'], "--program: got 'x', expected locked"],
    [['/nowhere.bpf.o'], 'got /nowhere.bpf.o, expected an object file that can be read (ENOENT)'],
  ]
  it('says in one sentence what is wrong with a command line', async () => {
    const all = await skStorageInTurn(wrong.map(([args]) => ['bpf', 'run', ...args]))
    expect(all.map(({ status, stderr }) => [status, stderr.trimEnd()])).toEqual(
      wrong.map(([, sentence]) => [2, `sk-storage bpf: ${sentence}`]),
    )
  })
})
