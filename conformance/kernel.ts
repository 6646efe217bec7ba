/**
 * The running kernel, behind the oracle: lines in, lines out.
 */

import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { emitBtf } from '../src/shared/btf/emit.ts'
import { compileOracle } from './compile.ts'
import { hexOf } from './hex.ts'
import { type Sizes, withLimit } from './sizes.ts'

/** BTF with one type, an `int`: enough for maps that measure the kernel's sizes. */
const PROBE_BTF = hexOf(
  emitBtf({ types: [{ kind: 'int', name: 'int', size: 4, bits: 32, offset: 0, encoding: 'signed' }] }),
)

export class Kernel {
  /** As uname says. */
  readonly release: string
  /** What this kernel charges. */
  readonly sizes: Sizes
  /**
   * Commands that this kernel permits to nobody, as some virtual machines do with tracing programs: they are not
   * compared.
   */
  readonly lacks: ReadonlySet<string>
  readonly #child: ChildProcess
  readonly #output: AsyncIterator<string>

  /** Use startKernel. */
  constructor(
    child: ChildProcess,
    output: AsyncIterator<string>,
    release: string,
    sizes: Sizes,
    lacks: ReadonlySet<string>,
  ) {
    this.#child = child
    this.#output = output
    this.release = release
    this.sizes = sizes
    this.lacks = lacks
  }

  /** Can the kernel be asked all of this? */
  answers(lines: readonly string[]): boolean {
    return lines.every((line) => !this.lacks.has(line.split(' ')[0]))
  }

  /** Gives the kernel the commands and returns an answer for each. */
  async ask(lines: readonly string[]): Promise<string[]> {
    return exchange(
      this.#child,
      this.#output,
      lines.map((line) => withLimit(line, this.sizes)),
    )
  }

  /** Ends the oracle; the kernel forgets its namespace and all that was in it. */
  stop(): void {
    this.#child.stdin?.end()
  }
}

async function exchange(
  child: ChildProcess,
  answers: AsyncIterator<string>,
  lines: readonly string[],
): Promise<string[]> {
  child.stdin!.write(`${lines.join('\n')}\nflush\n`)
  const got: string[] = []
  while (got.length < lines.length) {
    const next = await answers.next()
    if (next.done) throw new Error(`the oracle ended at: ${lines[got.length]}`)
    got.push(next.value)
  }
  return got
}

/** Starts the oracle. Throws an Error that says what is missing: a compiler, Linux, permission, the map type. */
export async function startKernel(): Promise<Kernel> {
  if (process.platform !== 'linux') throw new Error(`this is ${process.platform}, not Linux`)
  const child = spawn(compileOracle(), { stdio: ['pipe', 'pipe', 'inherit'] })
  child.on('error', () => {})
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const hello = await answers.next()
  if (hello.value !== 'ready') throw new Error(hello.value ?? 'the oracle does not start')
  const elementOnly = ['update m0 s0 00000000 0', 'omem s0', 'update m1 s0 00000000 0', 'omem s0']
  const makes = [`btf b0 ${PROBE_BTF}`, 'map m0 b0 24 4 4 0 1 1 1', 'map m1 b0 24 4 4 0 1 1 1', 'sock s0 udp 4']
  const programs = ['iter m0', 'prog get m0 s0 0 - 0', 'testrun m0 g0', 'egress m0 s0']
  const got = await exchange(child, answers, ['version', ...makes, ...elementOnly, 'reset'])
  const refused = got.findIndex((answer) => answer.startsWith('err'))
  if (refused >= 0) {
    child.stdin.end()
    const errno = got[refused].split(' ')[1]
    if (errno === '1')
      throw new Error('permission is missing: bpf() wants CAP_BPF and CAP_NET_ADMIN, a network namespace CAP_SYS_ADMIN')
    throw new Error(`this kernel refuses "${['version', ...makes, ...elementOnly][refused]}" with errno ${errno}`)
  }
  const first = Number(got[6].split(' ')[1])
  const second = Number(got[8].split(' ')[1])
  const elem = second - first - 4
  const run = (await exchange(child, answers, [...makes, ...programs, 'reset'])).slice(makes.length, -1)
  const lacks = programs.filter((_, i) => run[i] === 'err 1').map((line) => line.split(' ')[0])
  return new Kernel(child, answers, got[0].slice(3), { storage: first - elem - 4, elem }, new Set(lacks))
}
