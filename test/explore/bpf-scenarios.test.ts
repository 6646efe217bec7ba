/**
 * Compiled programs explored: the counts and outcomes that a translation of its own, made apart from this one, gave for
 * the same objects.
 */

import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { openBpfScenario } from '../../src/cli/bpf-scenario.ts'
import { check } from '../../src/explore/explore.ts'
import { replay } from '../../src/explore/failure/replay.ts'
import type { Options } from '../../src/explore/scenario.ts'

const fileOf = (object: string) => fileURLToPath(new URL(`../bpf/objects/${object}.bpf.o`, import.meta.url))
const detect = { dataRaces: false, lostUpdates: true }

async function explored(object: string, name: string, options: Options = {}) {
  const scenario = await openBpfScenario(fileOf(object), name)
  const result = check({ ...scenario, name }, { detect, keepGoing: true, shrink: false, ...options })
  return { ...result, counts: Object.fromEntries(result.outcomes.map(({ outcome, count }) => [outcome, count])) }
}

describe('two programs on two CPUs', () => {
  it('lose an update of a plain counter in half of the traces, and none of an atomic one', async () => {
    const result = await explored('count', 'count,count')
    expect(result).toMatchObject({ complete: 32, blocked: 0, failing: 16, exhaustive: true })
    expect(result.counts).toEqual({ 'cnt 2 bytes 200': 16, 'cnt 1 bytes 200': 16 })
  })

  it('lose none under the lock', async () => {
    const result = await explored('locked', 'locked,locked')
    expect(result).toMatchObject({ complete: 8, failing: 0, exhaustive: true, violation: null })
    expect(result.counts).toEqual({ 'cnt 2 bytes 200': 8 })
  })

  it('lose updates of two plain counters, each by itself', async () => {
    const result = await explored('udp', 'udp_send,udp_send')
    expect(result).toMatchObject({ complete: 256, exhaustive: true })
    expect(result.counts).toEqual({
      'packets 2 bytes 200 flags 2': 64,
      'packets 2 bytes 100 flags 2': 64,
      'packets 1 bytes 200 flags 2': 64,
      'packets 1 bytes 100 flags 2': 64,
    })
  })

  it('are told with the C lines, the fields’ names and what to do', async () => {
    const { violation } = await explored('count', 'count,count')
    expect(violation).toMatchObject({ kind: 'lost-update', sites: ['count.bpf.c:35  c->cnt++;'] })
    expect(violation!.message).toMatch(/^count#[01]: the store to egress_cnt\.cnt takes away the update by count#[01],/)
    const steps = violation!.steps.filter(({ place }) => place === 'egress_cnt.cnt')
    expect(steps.map(({ where }) => where)).toEqual(Array(4).fill('count.bpf.c:35  c->cnt++;'))
  })

  it('are replayed from the line', async () => {
    const { violation } = await explored('count', 'count,count')
    const scenario = await openBpfScenario(fileOf('count'), 'count,count')
    const line = /'(.*)'/.exec(violation!.replay)?.[1] ?? violation!.replay
    const again = replay({ ...scenario, name: 'count,count' }, line, { detect })
    expect(again.violation?.kind).toBe('lost-update')
  })

  it('race where each is by itself in order, if that is asked for', async () => {
    const { violation } = await explored('count', 'count,count', { detect: {}, keepGoing: false })
    expect(violation).toMatchObject({ kind: 'data-race', sites: ['count.bpf.c:35  c->cnt++;'] })
  })

  it('get NULL for one of them where both create the first element', async () => {
    const { counts, complete } = await explored('count', 'count,count+fresh')
    expect(complete).toBe(168)
    expect(counts).toEqual({ 'cnt 2 bytes 200': 8, 'cnt 1 bytes 200': 8, 'cnt 1 bytes 100': 152 })
  })

  it('do not meet on two sockets', async () => {
    const result = await explored('count', 'count,count+sockets:0,1')
    expect(result).toMatchObject({ complete: 1, violation: null })
    expect(Object.keys(result.counts)).toEqual([
      'egress_cnt[0].cnt 1 egress_cnt[0].bytes 100 egress_cnt[1].cnt 1 egress_cnt[1].bytes 100',
    ])
  })

  it('tear numbers of eight bytes only where they are told to', async () => {
    const whole = await explored('udp', 'udp_send+lookup:udp_stats:0')
    const halves = await explored('udp', 'udp_send+lookup:udp_stats:0+tearing')
    expect(halves.complete).toBeGreaterThan(whole.complete)
  })
})

describe('a program against syscalls', () => {
  it('goes on with its socket while that is closed', async () => {
    const result = await explored('count', 'count+close:0')
    expect(result).toMatchObject({ violation: null, exhaustive: true })
  })

  it.each(['update:egress_cnt:0', 'delete:egress_cnt:0', 'lookup:egress_cnt:0', 'update:totals:1'])(
    'is explored beside %s',
    async (call) => {
      expect(await explored('count', `count_locked+${call}`)).toMatchObject({ exhaustive: true, blocked: 0 })
    },
  )
})

it('a syscall that stores over a count takes it away, which the outcomes show and is no finding', async () => {
  const { violation, counts } = await explored('count', 'count+update:egress_cnt:0')
  expect(violation).toBeNull()
  expect(counts).toHaveProperty(['cnt 7 bytes 7; returned 1, 0'])
})

describe('the outcome', () => {
  it('tells of an element that is gone', async () => {
    const { counts } = await explored('count', 'count+delete:egress_cnt:0')
    expect(Object.keys(counts).sort()).toEqual(['cnt 1 bytes 100; returned 1, 0', 'egress_cnt gone; returned 1, 0'])
  })

  it('tells of the socket that a syscall is about, and not of the number alone', async () => {
    const { counts } = await explored('count', 'count+update:egress_cnt:5')
    expect(Object.keys(counts)[0]).toMatch(/egress_cnt\[5\]\.cnt 7 .*; returned 1, 0$/)
  })
})

describe('the name of a scenario is refused, in one sentence', () => {
  it.each([
    ['nothing', "--programs: got 'nothing', expected count, count_locked or atomics"],
    ['count+sockets:0,1', '--sockets: got 2 sockets for 1 programs, expected as many'],
    ['count+sockets:x', "got the socket 'x', expected a number from 0 to 15"],
    ['count+open:0', "got the call 'open', expected close SOCKET, connect SOCKET, accept SOCKET,"],
    ['count+update:nowhere:0', "got the map 'nowhere' for update, expected egress_cnt, totals or .bss"],
    ['count+update:egress_cnt:16', "got the socket '16', expected a number from 0 to 15"],
    ['count+close:0:1', "got '1' behind close 0, expected nothing more"],
    ['count+update:totals:x', "got the key 'x' for update, expected a number of 32 bits"],
  ])('%s', async (name, sentence) => {
    await expect(openBpfScenario(fileOf('count'), name)).rejects.toThrow(sentence)
  })
})
