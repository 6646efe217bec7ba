/**
 * `sk-storage bpf run`: programs of an object file on worker CPUs, over the machine's maps and sockets.
 */

import { BpfObjectError } from '../bpf/load/object-error.ts'
import { isSocketProgram } from '../bpf/run/socket-programs.ts'
import { ProgramRefused } from '../bpf/verifier/refused.ts'
import { EXIT, exitHelp } from '../command/exit-status.ts'
import { duration, integer, oneOf, optional, size, text, toggle } from '../command/flag-kinds.ts'
import { helpOf, parseFlags, type Values } from '../command/flags.ts'
import { table } from '../command/table.ts'
import { UsageError } from '../command/usage-error.ts'
import { either, quote } from '../command/words.ts'
import { BPF_MAP_TYPE_HASH, BPF_MAP_TYPE_SK_STORAGE } from '../shared/map-options.ts'
import { TCP_LISTEN } from '../shared/sock.ts'
import { BpfError } from '../workers/bpf-error.ts'
import type { LoadedMap, LoadedObject, LoadedProgram } from '../workers/loaded-object.ts'
import { boot, type Machine } from '../workers/machine.ts'
import type { ProgramStats } from '../workers/program.ts'
import { contextIn, objectOfFile, printJson } from './bpf-file.ts'
import { socket } from './socket-path.ts'

const FLAGS = {
  program: text('NAME', 'the program to run; needed where the object has several'),
  cpus: integer('worker CPUs', 2, 1, 64),
  sockets: integer('sockets whose packets come', 1, 1, 100_000),
  packets: integer('packets for each CPU', 100_000, 1, 1_000_000_000),
  steer: oneOf('all CPUs see packets of all sockets, or each socket has its CPU', ['all', 'socket']),
  len: integer('bytes of a packet', 100, 1, 65_535),
  context: text('FIELDS', 'numbers of its context: mark=5,cb0=1'),
  seconds: optional(duration('seconds', '', 1), 'run for so long, and not so many packets'),
  stats: toggle('count and time the runs, like bpf_stats_enabled'),
  listen: socket('answer ss and prog show on a Unix socket made here, while it runs'),
  fresh: toggle('begin without elements in maps of sk storage, which else have one for each socket, all zero'),
  access64: oneOf('plain accesses of eight bytes: two halves, which may tear, or one as in the kernel', [
    'halves',
    'whole',
  ]),
  memory: size('of the machine', 64 << 20, '64MiB'),
  json: toggle('print JSON Lines: one for each CPU, one for each map'),
  help: toggle('print this'),
}

const HELP = `Usage: sk-storage bpf run OBJECT [--program NAME] [FLAGS]

Loads an object file into a machine, lets packets arrive at a program on all its CPUs at once, and tells how long a run
took and what stands in the maps: each number added up over the values of its map.

A program of a section sockops, cgroup/setsockopt or cgroup/getsockopt is called by syscalls: for each packet a CPU opens
a socket, connects it, sets and reads SO_MARK, accepts a connection from a listener, and closes both. Its runs are
counted and timed.

Flags:
${helpOf(FLAGS)}

${exitHelp({ clean: 'it ran', finding: 'a program is refused: bpf verify tells more', failed: 'the machine failed' })}
`

type Given = Values<typeof FLAGS>

/** What programs hear of that syscalls of sockets call. */
const EVENTS = new URL('../workers/workloads/socket-events.js', import.meta.url)

export default async function bpfRun(argv: readonly string[]): Promise<number> {
  const { values, words } = parseFlags(argv, FLAGS, 1, 'one object file')
  if (values.help) {
    process.stdout.write(HELP)
    return EXIT.clean
  }
  // Says in a sentence what the file is, before anything is booted.
  const { programs } = objectOfFile(words[0])
  const name = values.program ?? (programs.length === 1 ? programs[0].name : undefined)
  if (name === undefined || !programs.some((program) => program.name === name)) {
    const names = either(programs.map((program) => program.name))
    throw new UsageError(`--program: got ${name === undefined ? 'none' : quote(name)}, expected ${names}`)
  }
  const machine = await boot({ cpus: values.cpus, memory: values.memory })
  try {
    const status = await runOn(machine, words[0], name, values)
    await machine.shutdown()
    return status
  } finally {
    await machine.destroy()
  }
}

async function runOn(machine: Machine, file: string, name: string, values: Given): Promise<number> {
  let object: LoadedObject
  try {
    object = machine.load(file, { access64: values.access64 })
  } catch (error) {
    if (error instanceof BpfObjectError) throw new UsageError(error.message)
    if (!(error instanceof ProgramRefused || error instanceof BpfError)) throw error
    if (values.json) printJson({ event: 'refused', message: error.message })
    else process.stdout.write(`${error.message}\n`)
    return EXIT.finding
  }
  const sockets = machine.sockets(values.sockets)
  if (!values.fresh) createElements(machine, object, sockets)
  const stopListening =
    values.listen === undefined ? undefined : await (await import('./listen.ts')).listen(values.listen, machine)
  try {
    await runProgram(machine, object.programs[name], sockets, values)
  } finally {
    await stopListening?.()
  }
  for (const map of Object.values(object.maps)) tellMap(machine, map, sockets, values.json)
  object.close()
  return EXIT.clean
}

function createElements({ sys }: Machine, { maps }: LoadedObject, sockets: readonly number[]): void {
  for (const { fd, type } of Object.values(maps)) {
    if (type !== BPF_MAP_TYPE_SK_STORAGE) continue
    const zero = new Int32Array((sys.mapInfo(fd).valueSize + 3) >> 2)
    for (const socket of sockets) sys.mapUpdate(fd, socket, zero)
  }
}

async function runProgram(
  machine: Machine,
  program: LoadedProgram,
  sockets: readonly number[],
  values: Given,
): Promise<void> {
  const { len, json, context: given } = values
  const ofSockets = isSocketProgram(program)
  const fields = given === undefined ? {} : contextIn(program, given)
  const context = ofSockets ? fields : { len, ...fields }
  const attached = machine.attach(program, { context, stats: ofSockets || values.stats })
  const [info] = [...machine.programs.values()].slice(-1)
  const listener = machine.sys.socket({ state: TCP_LISTEN })
  const slice = ofSockets
    ? (packets: number, seconds: number) => machine.call(EVENTS, { listener, rounds: packets, seconds })
    : (packets: number, seconds: number) =>
        attached.run({ sockets, packets, seconds, steer: values.steer, stats: values.stats })
  const stats = await inSlices(slice as Slice, values)
  const { runCnt, runTimeNs } = info
  attached.detach()
  machine.sys.close(listener)
  const rows = stats.map(({ runs, seconds }, cpu) => ({ cpu, runs, nanoseconds: (seconds * 1e9) / Math.max(1, runs) }))
  const timed = runCnt === 0 ? undefined : { runCnt, runTimeNs }
  if (json) {
    for (const row of rows) printJson({ event: 'cpu', program: program.name, ...row })
    if (timed !== undefined) printJson({ event: 'stats', program: program.name, ...timed })
    return
  }
  const cells = rows.map(({ cpu, runs, nanoseconds }) => [
    `CPU ${cpu}`,
    `${runs} ${ofSockets ? 'connections' : 'runs'}`,
    `${nanoseconds.toFixed(1)} ns each`,
  ])
  process.stdout.write(`${program.name} (${program.section})\n${table(cells).join('\n')}\n`)
  if (timed !== undefined)
    process.stdout.write(`run_cnt ${runCnt} run_time_ns ${runTimeNs}: ${(runTimeNs / runCnt).toFixed(1)} ns each\n`)
}

/** So many packets on each CPU, or so many seconds, whichever comes first: what each did. */
type Slice = (packets: number, seconds: number) => Promise<ProgramStats[]>

/** Seconds after which those who ask for statistics get newer ones. */
const SLICE = 0.25

async function inSlices(slice: Slice, { seconds, packets }: Given): Promise<ProgramStats[]> {
  if (seconds === undefined) return slice(packets, Number.POSITIVE_INFINITY)
  const end = performance.now() + seconds * 1000
  const sums: ProgramStats[] = []
  do {
    const left = Math.max(0, end - performance.now()) / 1000
    const stats = await slice(Number.POSITIVE_INFINITY, Math.min(SLICE, left))
    stats.forEach((each, cpu) => {
      const sum = (sums[cpu] ??= { runs: 0, runTimeNs: 0, seconds: 0 })
      sum.runs += each.runs
      sum.seconds += each.seconds
    })
  } while (performance.now() < end)
  return sums
}

function tellMap(machine: Machine, map: LoadedMap, sockets: readonly number[], json: boolean): void {
  const found = keysOf(machine, map, sockets)
    .map((key) => map.read(key))
    .filter((numbers) => numbers !== undefined)
  const sums = new Map<string, bigint>()
  for (const numbers of found)
    for (const [name, value] of Object.entries(numbers)) sums.set(name, (sums.get(name) ?? 0n) + BigInt(value))
  const changed = [...sums].filter(([, value]) => value !== 0n)
  if (json) {
    const numbers = Object.fromEntries(changed.map(([name, value]) => [name, `${value}`]))
    printJson({ event: 'map', map: map.name, values: found.length, numbers })
    return
  }
  // Format strings, above all: nobody but the compiler has made them.
  if (map.name.startsWith('.rodata')) return
  const told = changed.map(([name, value]) => `${name} ${value}`).join(' ') || 'all zero'
  process.stdout.write(`${map.name}: ${found.length} value${found.length === 1 ? '' : 's'}: ${told}\n`)
}

/** The keys of a map: sockets, indices, or what a walk finds. */
function keysOf({ sys }: Machine, { fd, type }: LoadedMap, sockets: readonly number[]): (number | Int32Array)[] {
  if (type === BPF_MAP_TYPE_SK_STORAGE) return [...sockets]
  if (type !== BPF_MAP_TYPE_HASH) return Array.from({ length: sys.mapInfo(fd).maxEntries }, (_, i) => i)
  const keys: Int32Array[] = []
  for (;;) {
    try {
      keys.push(sys.mapGetNextKey(fd, keys.at(-1) ?? null))
    } catch (error) {
      if (error instanceof BpfError && error.code === 'ENOENT') return keys
      throw error
    }
  }
}
