/**
 * From what was asked for to the plan of a scenario.
 */

import type { BpfMapDefinition, BpfObject, BpfProgram } from '../bpf/object.ts'
import { type Context, contextOf } from '../bpf/run/context.ts'
import {
  type AttachedStep,
  type PlannedMap,
  type ProgramStep,
  type ScenarioPlan,
  SOCKET_STATES,
  type SocketState,
  type SyscallStep,
} from '../bpf/run/scenario-plan.ts'
import { isSocketProgram } from '../bpf/run/socket-programs.ts'
import { keyFields, valueFields } from '../bpf/value-fields.ts'
import { programTypeOf } from '../bpf/verifier/program-types.ts'
import { BPF_MAP_TYPE_SK_STORAGE } from '../shared/map-options.ts'
import { listOf, readSyscall, socketNumber } from './read-step.ts'
import { BpfScenarioError } from './scenario-error.ts'

/** Fields of contexts, by name. */
export type GivenContext = Readonly<Record<string, number | bigint>>

/** What was asked for. */
export interface Asked {
  /** Steps in words; undefined for threads that somebody else wrote. */
  readonly threads: readonly (string | undefined)[]
  readonly sockets?: readonly SocketState[]
  readonly attach?: readonly string[]
  readonly context?: GivenContext
  readonly fresh?: boolean
  readonly seed?: number
}

/** Bytes of the memory beside the values of arrays and hash maps, and for each thread. */
const MEMORY = 96 << 10
const MEMORY_OF_THREAD = 24 << 10

/** A program by name. Throws BpfScenarioError. */
export function programNamed({ programs }: BpfObject, name: string | undefined): BpfProgram {
  const found = programs.find((program) => program.name === name)
  if (found !== undefined) return found
  const known = listOf(programs.map((program) => program.name))
  throw new BpfScenarioError(`got ${name === undefined ? 'no program' : `the program '${name}'`}, expected ${known}`)
}

/** A step in words: `run PROGRAM [SOCKET]`, or a syscall. Throws BpfScenarioError. */
export function readStep(object: BpfObject, text: string, context: GivenContext = {}): ProgramStep | SyscallStep {
  const words = text.trim().split(/\s+/)
  if (words[0] !== 'run') return { kind: 'syscall', syscall: readSyscall(object, words), words: words.join(' ') }
  const [, name, socket = '0', more] = words
  if (more !== undefined)
    throw new BpfScenarioError(`got '${more}' behind run ${name} ${socket}, expected nothing more`)
  const program = programNamed(object, name)
  const fields = contextOf(program, 0, fieldsOf(program, context))
  if (program.type === 'sock_ops' && fields.op === 0)
    throw new BpfScenarioError(
      `got the program '${name}' of section ${program.section} for no event, expected it attached to a call like 'connect 0', or the field op in its context`,
    )
  return { kind: 'program', name, socket: socketNumber(socket), context: fields }
}

/** Those of the given fields that a program's context has; the others are for other programs. */
function fieldsOf(program: BpfProgram, given: GivenContext): Context {
  const fields = programTypeOf(program)?.context.fields ?? []
  return Object.fromEntries(
    Object.entries(given).flatMap(([name, value]) => {
      const field = fields.find((field) => field.name === name)
      if (field === undefined) return []
      return [[name, field.size === 8 ? BigInt(value) : Number(value)]]
    }),
  )
}

/** Throws BpfScenarioError for a field that no program of these has. */
function checkContext(programs: readonly BpfProgram[], given: GivenContext): void {
  const fields = programs.flatMap((program) => programTypeOf(program)?.context.fields ?? [])
  const known = new Set(fields.filter(({ absent, points }) => !absent && points === undefined).map(({ name }) => name))
  for (const name of Object.keys(given)) {
    if (known.has(name)) continue
    const expected = known.size === 0 ? 'programs whose context has fields' : listOf([...known])
    throw new BpfScenarioError(`got the field '${name}' of a context, expected ${expected}`)
  }
}

/** The plan of a scenario. Throws BpfScenarioError. */
export function planOf(object: BpfObject, asked: Asked): ScenarioPlan {
  const { threads, attach = [], context = {}, fresh = false, seed = 1 } = asked
  const steps = threads.map((text) => (text === undefined ? undefined : readStep(object, text, context)))
  const attached = attach.map((name) => attachedStep(object, name, context))
  const used = [...steps.flatMap((step) => (step?.kind === 'program' ? [step.name] : [])), ...attach]
  checkContext(used.length > 0 ? used.map((name) => programNamed(object, name)) : object.programs, context)
  const calls = steps.flatMap((step) => (step?.kind === 'syscall' ? [step.syscall] : []))
  return {
    object: object.name,
    maps: object.maps.map(
      (definition): PlannedMap => ({
        definition,
        fields: valueFields(definition),
        keyFields: keyFields(definition),
      }),
    ),
    threads: steps,
    attached,
    // What somebody else wrote may close what it likes.
    closes: steps.includes(undefined) || calls.some(({ call }) => call === 'close'),
    frees: calls.some(({ call }) => call === 'free'),
    sockets: asked.sockets === undefined ? socketsOf(object, steps) : checkedSockets(object, steps, asked.sockets),
    fresh,
    seed,
    bytes: MEMORY + MEMORY_OF_THREAD * threads.length + 4 * bytesOf(object.maps),
  }
}

function attachedStep(object: BpfObject, name: string, context: GivenContext): AttachedStep {
  const program = programNamed(object, name)
  if (!isSocketProgram(program))
    throw new BpfScenarioError(
      `got the program '${name}' of section ${program.section} to attach, expected one of sockops, cgroup/setsockopt or cgroup/getsockopt`,
    )
  const { type, attach } = program
  return { name, type, ...(attach !== undefined && { attach }), given: fieldsOf(program, context) }
}

function bytesOf(maps: readonly BpfMapDefinition[]): number {
  return maps.reduce((sum, { valueSize, maxEntries }) => sum + (valueSize + 64) * maxEntries, 0)
}

type Steps = readonly (ProgramStep | SyscallStep | undefined)[]

/** The sockets that steps name: with what a step needs of each, undefined for anything. */
function named({ maps }: BpfObject, steps: Steps): (readonly [socket: number, needs: SocketState | undefined])[] {
  const storages = new Set(maps.filter(({ type }) => type === BPF_MAP_TYPE_SK_STORAGE).map(({ name }) => name))
  return steps.flatMap((step): (readonly [number, SocketState | undefined])[] => {
    if (step === undefined) return []
    if (step.kind === 'program') return [[step.socket, undefined]]
    const { call, map, key } = step.syscall
    if (key === undefined || (map !== undefined && !storages.has(map))) return []
    return [[key, call === 'connect' ? 'closed' : call === 'accept' ? 'listening' : undefined]]
  })
}

/** As many as are named, each as the syscalls on it need it. */
function socketsOf(object: BpfObject, steps: Steps): SocketState[] {
  const all = named(object, steps)
  const sockets: SocketState[] = Array(1 + Math.max(0, ...all.map(([socket]) => socket))).fill('connected')
  for (const [socket, needs] of all) {
    if (needs === undefined) continue
    if (sockets[socket] !== 'connected' && sockets[socket] !== needs)
      throw new BpfScenarioError(`got connect and accept of socket ${socket}, expected one of them`)
    sockets[socket] = needs
  }
  return sockets
}

function checkedSockets(object: BpfObject, steps: Steps, given: readonly SocketState[]): readonly SocketState[] {
  for (const state of given)
    if (!SOCKET_STATES.includes(state))
      throw new BpfScenarioError(`sockets: got '${state}', expected ${listOf(SOCKET_STATES)}`)
  for (const [socket] of named(object, steps))
    if (socket >= given.length)
      throw new BpfScenarioError(`got the socket ${socket}, expected one of the ${given.length} that there are`)
  return given
}
