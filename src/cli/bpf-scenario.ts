/**
 * A scenario of an object's programs, instrumented: from the file and a name that says all of it.
 *
 * The name is `count,count`, and behind it, each after a `+`: `sockets:0,1` (by default all see socket 0), `close:0`,
 * `update:egress_cnt:0`, `delete:...`, `lookup:...`, `fresh`, `tearing`, `seed:5`, `len:200`. So a replay line has it.
 */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { generate } from '../bpf/code/generate.ts'
import type { BpfObject, BpfProgram } from '../bpf/object.ts'
import { type Context, contextOf } from '../bpf/run/context.ts'
import { type ScenarioPlan, SYSCALLS, type Syscall } from '../bpf/run/scenario-plan.ts'
import { unknownField } from '../bpf/run/socket-fields.ts'
import { valueFields } from '../bpf/value-fields.ts'
import { lineOf, ProgramRefused } from '../bpf/verifier/refused.ts'
import { verify } from '../bpf/verifier/verify.ts'
import { UsageError } from '../command/usage-error.ts'
import { either, quote } from '../command/words.ts'
import { loadInstrumented, type Scenario } from '../explore/index.ts'
import { BPF_MAP_TYPE_SK_STORAGE } from '../shared/map-options.ts'
import { objectOfFile, programsOf } from './bpf-file.ts'

/** The sources, which are explored as written and stand beside what was built. */
const ROOT = fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? '../..' : '../../..', import.meta.url))
const SCENARIO = 'src/bpf/run/scenario.ts'
/** Bytes of the memory beside the values of arrays and hash maps, and for each thread. */
const MEMORY = 96 << 10
const MEMORY_OF_THREAD = 24 << 10

/** What a name says. */
interface Asked {
  readonly programs: readonly string[]
  readonly sockets: readonly number[]
  readonly syscalls: readonly Syscall[]
  readonly fresh: boolean
  readonly tearing: boolean
  readonly seed: number
  readonly context: Context
}

/** Loads the object, verifies its programs and opens the scenario. Throws UsageError, one sentence. */
export async function openBpfScenario(file: string, name: string): Promise<Scenario<unknown>> {
  const object = objectOfFile(file)
  const asked = readName(object, name)
  const text = moduleText(object, asked)
  const folder = mkdtempSync(join(tmpdir(), 'bpf-'))
  try {
    const module = join(folder, `${object.name.replace(/\W/g, '_')}.mjs`)
    const from = relative(folder, join(ROOT, SCENARIO))
    writeFileSync(module, `import { bpfScenario } from ${JSON.stringify(from)}\n${text}`)
    const { scenario } = await loadInstrumented(module)
    return scenario as Scenario<unknown>
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function readName(object: BpfObject, name: string): Asked {
  const [programs = '', ...parts] = name.split('+')
  const names = programs.split(',')
  for (const each of names) programsOf(object, each, '--programs')
  const syscalls: Syscall[] = []
  const context: Record<string, number> = {}
  let sockets = names.map(() => 0)
  const flags = { fresh: false, tearing: false, seed: 1 }
  for (const part of parts) {
    const [what, ...given] = part.split(':')
    if (what === 'fresh' || what === 'tearing') flags[what] = true
    else if (what === 'seed') flags.seed = Number(given[0])
    else if (what === 'len') context.len = Number(given[0])
    else if (what === 'sockets') sockets = given[0].split(',').map((text) => socketOf(text))
    else syscalls.push(syscallOf(object, what, given))
  }
  if (sockets.length !== names.length)
    throw new UsageError(`--sockets: got ${sockets.length} sockets for ${names.length} programs, expected as many`)
  return { programs: names, sockets, syscalls, ...flags, context }
}

function socketOf(text: string): number {
  if (/^\d{1,2}$/.test(text) && Number(text) < 16) return Number(text)
  throw new UsageError(`got the socket ${quote(text)}, expected a number from 0 to 15`)
}

/** `close:0`, `update:MAP:0`. */
function syscallOf({ maps }: BpfObject, what: string, given: readonly string[]): Syscall {
  const most = what === 'close' ? 1 : 2
  if (given.length > most) throw new UsageError(`got ${quote(given[most])} behind ${what}, expected nothing more`)
  const call = SYSCALLS.find((call) => call === what)
  if (call === undefined) throw new UsageError(`got the call ${quote(what)}, expected ${either(SYSCALLS)}`)
  if (call === 'close') return { call, argument: given[0] ?? '', key: socketOf(given[0] ?? '') }
  const [map = '', key = '0'] = given
  const definition = maps.find(({ name }) => name === map)
  if (definition === undefined)
    throw new UsageError(`got the map ${quote(map)} for ${call}, expected ${either(maps.map(({ name }) => name))}`)
  if (definition.type === BPF_MAP_TYPE_SK_STORAGE) socketOf(key)
  if (!/^\d{1,9}$/.test(key)) throw new UsageError(`got the key ${quote(key)} for ${call}, expected a number`)
  return { call, argument: `${map} ${key}`, map, key: Number(key) }
}

/** The module's text behind its import. */
function moduleText(object: BpfObject, asked: Asked): string {
  const programs = asked.programs.map((name) => programsOf(object, name)[0])
  const factories = [...new Set(programs)].map(
    (program) => `${JSON.stringify(program.name)}: ${factoryText(object, program, asked.tearing)}`,
  )
  return `const factories = {\n${factories.join(',\n')}}
${planText(object, programs, asked)}
export const scenario = bpfScenario(plan, factories)\n`
}

/** A program's factory, each line with the C line that it comes from. Throws UsageError for one that is refused. */
function factoryText(object: BpfObject, program: BpfProgram, tearing: boolean): string {
  try {
    const { text, lines } = generate(verify(program, object), { access64: tearing ? 'halves' : 'whole' })
    const field = unknownField(text)
    if (field !== undefined)
      throw new UsageError(`program ${program.name}: got a load of ${field}, which no socket here has`)
    return text
      .trimEnd()
      .split('\n')
      .map((line, i) => `${line}${originOf(program, lines[i])}`)
      .join('\n')
  } catch (error) {
    if (error instanceof ProgramRefused) throw new UsageError(error.message)
    throw error
  }
}

function originOf(program: BpfProgram, at: number | undefined): string {
  const c = at === undefined ? undefined : lineOf(program, at)
  return c === undefined ? '' : ` // @explore at ${c.file}:${c.line}:${c.column} ${c.source.replace(/\p{C}/gu, ' ')}`
}

function planText(object: BpfObject, programs: readonly BpfProgram[], asked: Asked): string {
  const { sockets, syscalls, fresh, seed, context } = asked
  const storages = new Set(object.maps.filter(({ type }) => type === BPF_MAP_TYPE_SK_STORAGE).map(({ name }) => name))
  const ofSockets = syscalls.filter(({ map }) => map === undefined || storages.has(map))
  const count = 1 + Math.max(0, ...sockets, ...ofSockets.map(({ key }) => key))
  const values = object.maps.reduce((sum, { valueSize, maxEntries }) => sum + (valueSize + 64) * maxEntries, 0)
  const threads = programs.length + syscalls.length
  const plan: ScenarioPlan = {
    object: object.name,
    maps: object.maps.map((definition) => ({ definition, fields: valueFields(definition) })),
    programs: programs.map((program, i) => ({
      name: program.name,
      socket: sockets[i],
      context: contextOf(program, 0, context),
    })),
    syscalls,
    sockets: count,
    fresh,
    seed,
    bytes: MEMORY + MEMORY_OF_THREAD * threads + 4 * values,
  }
  // One array for all maps: they come from one BTF object, which is then loaded once.
  const types = object.maps.find(({ btf }) => btf !== undefined)?.btf?.bytes
  const shared = types === undefined ? '' : `const types = ${literal(types)}\n`
  return `${shared}const plan = ${literal(plan, types)}`
}

/** Data as JavaScript: JSON, and arrays of bytes and bigints beside. `types` is what the text calls so. */
function literal(value: unknown, types?: Uint8Array): string {
  if (value === types && value !== undefined) return 'types'
  if (typeof value === 'bigint') return `${value}n`
  if (value instanceof Uint8Array) return `Uint8Array.of(${value.join(',')})`
  if (Array.isArray(value)) return `[${value.map((each) => literal(each, types)).join(', ')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const entries = Object.entries(value).filter(([, of]) => of !== undefined)
  return `{ ${entries.map(([key, of]) => `${JSON.stringify(key)}: ${literal(of, types)}`).join(', ')} }`
}
