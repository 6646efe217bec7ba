/**
 * `sk-storage bpf run`: programs of an object file on worker CPUs, over the machine's maps and sockets.
 */

import { BpfObjectError } from '../bpf/load/object-error.ts'
import { ProgramRefused } from '../bpf/verifier/refused.ts'
import { EXIT, exitHelp } from '../command/exit-status.ts'
import { integer, oneOf, size, text, toggle } from '../command/flag-kinds.ts'
import { helpOf, parseFlags, type Values } from '../command/flags.ts'
import { table } from '../command/table.ts'
import { UsageError } from '../command/usage-error.ts'
import { either, quote } from '../command/words.ts'
import { BPF_MAP_TYPE_HASH, BPF_MAP_TYPE_SK_STORAGE } from '../shared/map-options.ts'
import { BpfError } from '../workers/bpf-error.ts'
import type { LoadedMap, LoadedObject, LoadedProgram } from '../workers/loaded-object.ts'
import { boot, type Machine } from '../workers/machine.ts'
import { objectOfFile, printJson } from './bpf-file.ts'

const FLAGS = {
  program: text('NAME', 'the program to run; needed where the object has several'),
  cpus: integer('worker CPUs', 2, 1, 64),
  sockets: integer('sockets whose packets come', 1, 1, 100_000),
  packets: integer('packets for each CPU', 100_000, 1, 1_000_000_000),
  steer: oneOf('all CPUs see packets of all sockets, or each socket has its CPU', ['all', 'socket']),
  len: integer('bytes of a packet', 100, 1, 65_535),
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

Flags:
${helpOf(FLAGS)}

${exitHelp({ clean: 'it ran', finding: 'a program is refused: bpf verify tells more', failed: 'the machine failed' })}
`

type Given = Values<typeof FLAGS>

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
  await runProgram(machine, object.programs[name], sockets, values)
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
  { packets, steer, len, json }: Given,
): Promise<void> {
  const stats = await machine.run(program, { sockets, packets, steer, context: { len } })
  const rows = stats.map(({ runs, seconds }, cpu) => ({ cpu, runs, nanoseconds: (seconds * 1e9) / Math.max(1, runs) }))
  if (json) {
    for (const row of rows) printJson({ event: 'cpu', program: program.name, ...row })
    return
  }
  const cells = rows.map(({ cpu, runs, nanoseconds }) => [
    `CPU ${cpu}`,
    `${runs} runs`,
    `${nanoseconds.toFixed(1)} ns each`,
  ])
  process.stdout.write(`${program.name} (${program.section})\n${table(cells).join('\n')}\n`)
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
