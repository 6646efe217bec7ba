/**
 * An object file in a machine: its programs, verified and made JavaScript, and its maps, made and open.
 */

import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { generate } from '../bpf/code/generate.ts'
import { loadBpfObject } from '../bpf/load/load-object.ts'
import { BpfObjectError } from '../bpf/load/object-error.ts'
import type { BpfMapDefinition, BpfObject } from '../bpf/object.ts'
import { createObjectMaps, MapRefused } from '../bpf/run/object-maps.ts'
import { unknownField } from '../bpf/run/socket-fields.ts'
import { readField, type ValueField, valueFields } from '../bpf/value-fields.ts'
import { verify } from '../bpf/verifier/verify.ts'
import { BPF_MAP_TYPE_PERCPU_ARRAY } from '../shared/map-options.ts'
import { rcuOffline, rcuOnline } from '../sync/quiescent-state.ts'
import { BpfError } from './bpf-error.ts'
import type { Syscalls } from './syscalls.ts'

/** A program of a loaded object, to be attached. */
export interface LoadedProgram {
  /** Name of the C function. */
  readonly name: string
  /** As in the file: `cgroup_skb/egress`. */
  readonly section: string
  /** The kernel's name of its type, in small letters: `cgroup_skb`. */
  readonly type: string
  /** Its attach type, where it has one: `cgroup_inet_egress`. */
  readonly attach?: string
  /** The JavaScript that it became: a factory. */
  readonly text: string
  /** Its instructions, 8 bytes each. */
  readonly code: Uint8Array
  /** Descriptors of the maps that it uses, by their names in the object. */
  readonly maps: Readonly<Record<string, number>>
}

/** The numbers in a value, by the names that C has for them; those of eight bytes are bigints. */
export type Numbers = Readonly<Record<string, number | bigint>>

/** A map of a loaded object. */
export class LoadedMap {
  /** Its descriptor. */
  readonly fd: number
  /** Its name in the object; the machine's has at most 15 bytes. */
  readonly name: string
  /** A `BPF_MAP_TYPE_*`. */
  readonly type: number
  readonly #sys: Syscalls
  readonly #fields: readonly ValueField[]

  /** Use `machine.load`. */
  constructor(sys: Syscalls, fd: number, definition: BpfMapDefinition) {
    this.#sys = sys
    this.fd = fd
    this.name = definition.name
    this.type = definition.type
    this.#fields = valueFields(definition)
  }

  /**
   * The numbers in the value under a key (a socket's descriptor, an index, or words), or undefined if there is none. Of
   * a per-CPU array they are added up over the CPUs.
   */
  read(key: number | Int32Array = 0): Numbers | undefined {
    let words: Int32Array
    try {
      words = this.#sys.mapLookup(this.fd, key)
    } catch (error) {
      if (error instanceof BpfError && error.code === 'ENOENT') return undefined
      throw error
    }
    const bytes = new Uint8Array(words.buffer)
    const { valueSize } = this.#sys.mapInfo(this.fd)
    const step = this.type === BPF_MAP_TYPE_PERCPU_ARRAY ? 8 * Math.ceil(valueSize / 8) : bytes.length
    return Object.fromEntries(
      this.#fields.map((field) => {
        let sum = 0n
        for (let at = 0; at < bytes.length; at += step) sum += readField(bytes, at, field)
        return [field.name, field.size === 8 ? sum : Number(sum)]
      }),
    )
  }
}

/** What `machine.load` gives. */
export interface LoadedObject {
  /** `counter` of counter.bpf.o. */
  readonly name: string
  /** By name. */
  readonly programs: Readonly<Record<string, LoadedProgram>>
  /** By name; global variables are in `.bss`, `.data` and `.rodata`. */
  readonly maps: Readonly<Record<string, LoadedMap>>
  /** Closes the maps' descriptors. A map lives on as long as programs that are attached hold it. */
  close(): void
}

/** See Machine.load. */
export function loadObject(sys: Syscalls, file: URL | string, access64: 'whole' | 'halves'): LoadedObject {
  const path = file instanceof URL ? fileURLToPath(file) : file
  const object = loadBpfObject(readFileSync(path), basename(path))
  // Nothing is made before all of it is found to be in order.
  const texts = object.programs.map((program) => {
    const { text } = generate(verify(program, object), { access64 })
    const field = unknownField(text)
    if (field !== undefined)
      throw new BpfObjectError(
        basename(path),
        `program ${program.name}: got a load of ${field}, which no socket here has`,
      )
    return text
  })
  const fds = createMaps(sys, object)
  const fdOf = new Map(object.maps.map(({ name }, i) => [name, fds[i]]))
  const programs = object.programs.map(({ name, section, type, attach, code, maps }, i): LoadedProgram => {
    const used = Object.fromEntries(maps.map(({ map }) => [map, fdOf.get(map)!]))
    return { name, section, type, ...(attach !== undefined && { attach }), text: texts[i], code, maps: used }
  })
  return {
    name: object.name,
    programs: Object.fromEntries(programs.map((program) => [program.name, program])),
    maps: Object.fromEntries(object.maps.map((map, i) => [map.name, new LoadedMap(sys, fds[i], map)])),
    close: () => {
      for (const fd of fds) sys.close(fd)
    },
  }
}

function createMaps(sys: Syscalls, { name, maps }: BpfObject): readonly number[] {
  const { cpu } = sys
  rcuOnline(cpu)
  try {
    return createObjectMaps(cpu, name, maps)
  } catch (error) {
    if (error instanceof MapRefused) throw new BpfError('BPF_MAP_CREATE', error.errno, `map ${error.map}`)
    throw error
  } finally {
    rcuOffline(cpu)
  }
}
