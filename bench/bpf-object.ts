/**
 * objects/egress.bpf.c, compiled: by the clang of this machine, or, where there is none, as it lies in the repository.
 * `node scripts/build-objects.js --check` says whether that is what the source compiles to.
 */

import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { generate } from '../src/bpf/code/generate.ts'
import { loadBpfObject } from '../src/bpf/load/load-object.ts'
import type { BpfObject, BpfProgram } from '../src/bpf/object.ts'
import { contextOf } from '../src/bpf/run/context.ts'
import { createObjectMaps } from '../src/bpf/run/object-maps.ts'
import { verify } from '../src/bpf/verifier/verify.ts'
import { mapGet } from '../src/shared/map.ts'
import type { BpfMap } from '../src/shared/pointer.ts'
import type { Cpu } from '../src/sync/cpu.ts'
import loadCompiled, { type BpfProgramArgs } from '../src/workers/bpf-program.ts'
import type { ProgramRun } from './bpf-programs.ts'
import { cacheDirectory, sourceDirectory } from './native.ts'

const SOURCE = 'egress.bpf.c'
const OBJECT = 'egress.bpf.o'
/** On Debian the headers of the kernel for this machine stand apart. */
const ASM = `/usr/include/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu`
const FLAGS = ['-g', '-O2', '-target', 'bpfel', '-mcpu=v3', '-I', ASM, '-c']

/** The path of the object. A clang that can't make it, for want of headers say, is as good as none. */
function objectFile(): string {
  const folder = sourceDirectory('objects')
  const source = join(folder, SOURCE)
  const hash = createHash('sha256').update(readFileSync(source)).digest('hex').slice(0, 16)
  const made = join(cacheDirectory(), `${hash}.${OBJECT}`)
  if (existsSync(made)) return made
  const fresh = `${made}.${process.pid}`
  try {
    execFileSync('clang', [...FLAGS, source, '-o', fresh], { stdio: 'ignore' })
  } catch {
    return join(folder, OBJECT)
  }
  renameSync(fresh, made)
  return made
}

let loaded: BpfObject | undefined

/** The object, loaded once. */
export function egressObject(): BpfObject {
  return (loaded ??= loadBpfObject(readFileSync(objectFile()), OBJECT))
}

/** One of its programs. */
export function egressProgram(name: string): BpfProgram {
  return egressObject().programs.find((program) => program.name === name)!
}

/** A program of the object on a CPU, as worker threads run it, and the map that it uses, if it uses one. */
export function loadGenerated(cpu: Cpu, name: string): { readonly run: ProgramRun; readonly map: BpfMap } {
  const object = egressObject()
  const program = egressProgram(name)
  const used = object.maps.filter((map) => program.maps.some((use) => use.map === map.name))
  const fds = createObjectMaps(cpu, object.name, used)
  const maps = Object.fromEntries(used.map((map, i) => [map.name, mapGet(cpu, fds[i]) as BpfMap]))
  const { text } = generate(verify(program, object), { access64: 'halves' })
  const args: BpfProgramArgs = { text, context: contextOf(program, 0), seed: 1 }
  return { run: loadCompiled({ cpu, maps, args }) as ProgramRun, map: Object.values(maps)[0] }
}
