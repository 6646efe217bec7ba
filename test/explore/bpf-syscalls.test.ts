/**
 * Compiled programs explored against the syscalls of their sockets and maps, and against threads that somebody wrote.
 */

import { describe, expect, it } from 'vitest'
import { type BpfScenarioOptions, bpfScenario, type OtherThread } from '../../src/bpf-scenarios/index.ts'
import { openBpfScenario } from '../../src/cli/bpf-scenario.ts'
import { check } from '../../src/explore/explore.ts'
import { formatResult } from '../../src/explore/report/text.ts'
import type { Scenario } from '../../src/explore/scenario.ts'
import { shareOf } from '../share.ts'
import { instrumented } from './support/source.ts'

const urlOf = (object: string) => new URL(`../bpf/objects/${object}.bpf.o`, import.meta.url)
const detect = { dataRaces: false, lostUpdates: true }

function checked(scenario: Scenario<unknown>, detectors = detect) {
  const result = check(scenario, { detect: detectors, keepGoing: true, shrink: false })
  return { ...result, counts: Object.fromEntries(result.outcomes.map(({ outcome, count }) => [outcome, count])) }
}

const explored = async (object: string, name: string) => checked(await openBpfScenario(urlOf(object).pathname, name))
const made = async (object: string, options: BpfScenarioOptions, detectors = detect) =>
  checked(await bpfScenario(urlOf(object), options), detectors)

describe('a map that is freed', () => {
  it('is there for who runs before the programs are detached, and nobody runs later', async () => {
    const { counts, ...result } = await explored('locked', 'locked+free:egress_cnt')
    expect(result).toMatchObject({ exhaustive: true, violation: null, blocked: 0 })
    expect(Object.keys(counts)).toEqual(['egress_cnt gone; returned 1, 0', 'egress_cnt gone; returned detached, 0'])
  })

  it('is no descriptor any more to who comes too late', async () => {
    const { counts } = await explored('count', 'count+free:totals+lookup:totals:0')
    expect(Object.keys(counts).some((outcome) => outcome.endsWith(', 0, EBADF'))).toBe(true)
    expect(Object.keys(counts).some((outcome) => outcome.endsWith(', 0, 0'))).toBe(true)
  })
})

describe('syscalls of maps', () => {
  /** The outcome of each where nobody else runs; 0 and 1 are not told. */
  const NOTHING = 'nothing changed'
  const alone: [object: string, call: string, outcome: string][] = [
    ['count', 'lookup:totals:0', NOTHING],
    ['count', 'lookup:totals:9', `${NOTHING}; returned ENOENT`],
    ['count', 'lookup:egress_cnt:0:bytes', NOTHING],
    ['count', 'update:totals:0', 'totals[0].value 7'],
    ['count', 'update:egress_cnt:0:-1', 'cnt 4294967295 bytes 18446744073709551615'],
    ['count', 'update:egress_cnt:0:0+fresh', 'egress_cnt made'],
    ['count', 'update:totals:4:1', `${NOTHING}; returned E2BIG`],
    ['count', 'delete:totals:0', `${NOTHING}; returned EINVAL`],
    ['count', 'delete:egress_cnt:0', 'egress_cnt gone'],
    ['count', 'next:totals', NOTHING],
    ['count', 'next:totals:1', `${NOTHING}; returned 2`],
    ['count', 'next:totals:3', `${NOTHING}; returned ENOENT`],
    ['count', 'next:egress_cnt:0', `${NOTHING}; returned ENOTSUPP`],
    ['count', 'iterate:egress_cnt', NOTHING],
    ['count', 'lookup:egress_cnt:1+iterate:egress_cnt', `${NOTHING}; returned 0, 2`],
    ['count', 'iterate:totals', `${NOTHING}; returned EINVAL`],
    ['count', 'freeze:totals', NOTHING],
    ['count', 'freeze:egress_cnt', `${NOTHING}; returned ENOTSUPP`],
    ['calls', 'update:.rodata:0:1', `${NOTHING}; returned EPERM`],
    ['calls', 'update:by_number:5:3', 'by_number[5].value 3'],
    ['calls', 'next:by_number', `${NOTHING}; returned ENOENT`],
    ['calls', 'delete:by_number:1', `${NOTHING}; returned ENOENT`],
    ['calls', 'lookup:per_cpu:0', NOTHING],
  ]
  it.each(shareOf('syscalls alone', alone, 2))('of %s: %s ends with %s', async (object, call, outcome) => {
    const { counts, exhaustive } = await explored(object, `+${call}`)
    expect(exhaustive).toBe(true)
    expect(Object.keys(counts)).toEqual([outcome])
  })

  it('change each number of a value, on each CPU, and look at their sum', async () => {
    const { counts } = await explored('calls', '+update:per_cpu:0:3+lookup:per_cpu:0')
    const [told] = Object.keys(counts).filter((outcome) => !outcome.endsWith('0, 0'))
    expect(told).toMatch(/^per_cpu\[0\]@0\.value 3 per_cpu\[0\]@1\.value 3.*; returned 0, 9$/)
  })
})

describe('syscalls of sockets', () => {
  it('call the programs that are attached, which lose updates like others', async () => {
    const { counts, ...result } = await explored('sockets', '+connect:0+connect:1+attach:gauge')
    expect(result).toMatchObject({ exhaustive: true, failing: 2, violation: { kind: 'lost-update' } })
    expect(result.violation!.sites).toEqual(['sockets.bpf.c:74  open_connections++;'])
    expect(counts).toEqual({ 'open_connections 2': 2, 'open_connections 1': 2 })
  })

  it('call none that is not', async () => {
    const { counts } = await explored('sockets', '+connect:0+connect:1')
    expect(Object.keys(counts)).toEqual(['nothing changed'])
  })

  it('connect a socket once', async () => {
    const { counts } = await explored('sockets', '+connect:0+connect:0+attach:track')
    const ends = Object.keys(counts).map((outcome) => outcome.replace(/.*; returned /, ''))
    expect(ends.sort()).toEqual(['0, EISCONN', 'EISCONN, 0'])
  })

  it('accept from a listener that is closed meanwhile, or not any more', async () => {
    const { counts, exhaustive } = await explored('sockets', '+accept:0+close:0+attach:track')
    expect(exhaustive).toBe(true)
    expect(Object.keys(counts).sort()).toEqual([
      'events[5].value 1 lives gone',
      'lives gone; returned EBADF, 0',
      'lives gone; returned EINVAL, 0',
    ])
  })

  it('set and read options', async () => {
    const { counts } = await explored('sockets', '+setsockopt:0:SO_MARK:5+getsockopt:0:36+attach:guard')
    expect(Object.keys(counts).sort()).toEqual(['asked 1', 'asked 1; returned 0, 5'])
  })
})

describe('time, chance and process', () => {
  it('are the same in every execution, and the verdict says which were asked for', async () => {
    const result = await explored('inputs', 'look,who')
    expect(result.drawn).toEqual(['bpf_ktime_get_ns', 'bpf_get_prandom_u32', 'bpf_get_current_pid_tgid'])
    expect(formatResult(result)).toContain(
      'not explored: other answers of bpf_ktime_get_ns, bpf_get_prandom_u32, bpf_get_current_pid_tgid, which answered',
    )
    expect(Object.keys(result.counts)).toHaveLength(1)
    expect(Object.keys(result.counts)[0]).toMatch(/^time 1000001000 chance \d+ process 1001$/)
    const another = await explored('inputs', 'look,who+seed:2')
    expect(Object.keys(another.counts)[0]).not.toBe(Object.keys(result.counts)[0])
    expect((await explored('inputs', 'who')).drawn).toEqual(['bpf_get_current_pid_tgid'])
    expect((await explored('count', 'count')).drawn).toEqual([])
  })
})

describe('threads that somebody wrote', () => {
  const TEXT = `
    export function reset(bpf, taken) {
      const counted = bpf.call('lookup egress_cnt 0 cnt')
      if (bpf.call('update egress_cnt 0 0') === 0) Atomics.add(taken, 0, counted)
    }
    export const sends = (bpf) => [bpf.call('run locked 0'), bpf.call('run locked 0')].join(' ')
    export const wild = (bpf) => bpf.call('open 0')
    export const frees = (bpf) => bpf.call('free egress_cnt')
    export const nobody = (bpf) => bpf.call('run nobody')
    export const after = (bpf, taken) => Number(bpf.numbers().cnt) + taken[0] === 1
    export const setup = () => new Int32Array(new SharedArrayBuffer(4))
  `
  const written = async () =>
    (await instrumented(TEXT, {}, 'written.js')) as Record<string, OtherThread & (() => never)>

  it('run beside programs, with memory of their own, and are told by their names and lines', async () => {
    const { reset, after, setup } = await written()
    const options = { threads: ['run locked', reset], setup, after }
    const blind = { ...detect, lostUpdates: false }
    const { violation, failing, complete } = await made('locked', options, blind)
    expect(violation).toMatchObject({ kind: 'assertion', message: expect.stringContaining('after does not hold') })
    expect(failing).toBeGreaterThan(0)
    expect(failing).toBeLessThan(complete)
    const steps = violation!.steps.map(({ where }) => where)
    expect(steps.some((where) => where.startsWith('locked.bpf.c:26'))).toBe(true)
    expect(steps.some((where) => /written\.js:\d/.test(where))).toBe(true)
    // What it stores over a packet's count is a lost update to who looks for those.
    const seen = await made('locked', options)
    expect(seen.violation).toMatchObject({
      kind: 'lost-update',
      message: expect.stringMatching(/^reset#1: the store to/),
    })
  })

  it('send packets of their own, which find their socket open or not at all', async () => {
    const { sends } = await written()
    const { counts, violation } = await made('locked', { threads: [sends, 'close 0'] })
    expect(violation).toBeNull()
    const ends = Object.keys(counts).map((outcome) => outcome.replace(/.*; returned /, ''))
    expect(ends.sort()).toEqual(['-9 -9, 0', '1 -9, 0', '1 1, 0'])
  })

  it.each([
    ['wild', "got the call 'open', expected close SOCKET, "],
    ['frees', "got 'free egress_cnt' in a function, expected it as a thread of its own"],
    ['nobody', "got the program 'nobody', expected locked"],
  ])('and are told what step is none: %s', async (name, sentence) => {
    const threads = [(await written())[name]]
    const { violation } = await made('locked', { threads })
    expect(violation!.message).toContain(sentence)
  })
})

describe('a scenario that makes no sense is refused, in one sentence', () => {
  it.each<[options: BpfScenarioOptions, sentence: string]>([
    [{ threads: [] }, 'threads: expected steps in words or functions, at least one'],
    [{ threads: ['run'] }, 'got no program, expected locked'],
    [{ threads: ['run locked 0 1'] }, "got '1' behind run locked 0, expected nothing more"],
    [{ threads: ['run locked 1'], sockets: ['connected'] }, 'got the socket 1, expected one of the 1 that there are'],
    [
      { threads: ['close 0'], sockets: ['half' as never] },
      "sockets: got 'half', expected connected, closed, listening or",
    ],
    [{ threads: ['connect 0', 'accept 0'] }, 'got connect and accept of socket 0, expected one of them'],
    [
      { threads: ['run locked'], attach: ['locked'] },
      "got the program 'locked' of section cgroup_skb/egress to attach",
    ],
    [{ threads: ['run locked'], context: { op: 4 } }, "got the field 'op' of a context, expected len, pkt_type, mark,"],
    ...['lookup_batch egress_cnt', 'lookup_and_delete egress_cnt 0', 'detach locked', 'dup egress_cnt'].map(
      (call): [BpfScenarioOptions, string] => [
        { threads: [call] },
        `got the call '${call.split(' ')[0]}', expected close SOCKET, connect SOCKET,`,
      ],
    ),
    [{ threads: ['setsockopt 0 SO_LINGER 1'] }, "got the option 'SO_LINGER', expected SO_TYPE, SO_PRIORITY, SO_MARK,"],
    [{ threads: ['setsockopt 0 SO_MARK'] }, "got 'setsockopt 0 SO_MARK', expected setsockopt SOCKET OPTION VALUE"],
    [
      { threads: ['update egress_cnt 0 99999999999'] },
      "got the value '99999999999' for update, expected a number of 32",
    ],
    [{ threads: ['lookup egress_cnt 0 packets'] }, "got the field 'packets' of egress_cnt, expected cnt or bytes"],
  ])('%j', async (options, sentence) => {
    await expect(bpfScenario(urlOf('locked'), options)).rejects.toThrow(sentence)
  })

  it('as is a program of events without one', async () => {
    const sentence = "got the program 'gauge' of section sockops for no event, expected it attached to a call like"
    await expect(bpfScenario(urlOf('sockets'), { threads: ['run gauge'] })).rejects.toThrow(sentence)
    const { counts } = await made('sockets', { threads: ['run gauge'], context: { op: 4 } })
    expect(Object.keys(counts)).toEqual(['open_connections 1'])
  })

  it('as is a file that is none', async () => {
    await expect(bpfScenario('/nowhere.bpf.o', { threads: ['run x'] })).rejects.toThrow(
      'got /nowhere.bpf.o, expected an object file that can be read (ENOENT)',
    )
    await expect(bpfScenario(new URL(import.meta.url), { threads: ['run x'] })).rejects.toThrow(/expected /)
  })
})
