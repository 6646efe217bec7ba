import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { events, skStorage, skStorageInTurn } from './command.ts'

const objectFile = (name: string) => fileURLToPath(new URL(`../bpf/objects/${name}.bpf.o`, import.meta.url))

describe('sk-storage bpf explore', () => {
  it('prints the result as a line of JSON, with status 1 for a lost update', async () => {
    const ended = await skStorage('bpf', 'explore', objectFile('count'), '--programs', 'count,count', '--json')
    expect(ended.status).toBe(1)
    expect(events(ended)).toMatchObject([
      {
        schema: 1,
        event: 'result',
        scenario: 'count,count',
        complete: 32,
        exhaustive: true,
        failing: 16,
        violation: { kind: 'lost-update', sites: ['count.bpf.c:35  c->cnt++;'] },
      },
    ])
  })

  it('gives lines that replay takes', async () => {
    const args = ['bpf', 'explore', objectFile('count'), '--programs', 'count,count', '--first', '--json']
    const [{ violation }] = events(await skStorage(...args)) as [{ violation: { replay: string } }]
    const line = /'(.*)'$/.exec(violation.replay)?.[1] ?? violation.replay
    const again = await skStorage('replay', line)
    expect(again.status).toBe(1)
    expect(again.stdout).toContain('lost-update: ')
    expect(again.stdout).toContain('count.bpf.c:35  c->cnt++;')
  })

  it('is clean under the lock, and beside a socket that is closed', async () => {
    const ended = await skStorage('bpf', 'explore', objectFile('locked'), '--programs', 'locked,locked')
    expect(ended.stdout).toContain('cnt 2 bytes 200')
    expect(ended.status).toBe(0)
    const closed = ['bpf', 'explore', objectFile('locked'), '--programs', 'locked', '--with', 'close 0']
    expect((await skStorage(...closed)).status).toBe(0)
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
    expect(events(await skStorage(...args)).slice(2)).toMatchObject([
      { map: 'per_cpu', values: 2, numbers: { value: '200' } },
      { map: 'untyped', values: 8, numbers: {} },
      { map: 'by_number', values: 1 },
      { map: '.data', values: 1 },
      { map: '.rodata', values: 1, numbers: { limit: '7' } },
      { map: '.bss', values: 1 },
    ])
  })

  const wrong: [args: string[], sentence: string][] = [
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
