/**
 * A BPF litmus test in every interleaving: its threads as generated code, which the explorer's transform takes like any
 * other.
 */

import { viewsOf } from '../bpf/code/compile.ts'
import { finalState, type LitmusProgram, type LitmusTest, litmusProgram } from '../bpf/litmus.ts'
import { CommandFailure } from '../command/command-failure.ts'
import { check, formatViolation, loadInstrumentedText } from '../explore/index.ts'

/** How a test may end. */
export interface LitmusAnswer {
  /** Different final states of all registers and locations. */
  readonly finalStates: number
  /** Whether one of them is what the test asks for. */
  readonly reached: boolean
  readonly traces: number
}

type Thread = (environment: unknown, entry?: unknown) => unknown

/** Explores a test. Throws what making it throws; CommandFailure where the explorer finds fault with it. */
export async function exploreLitmusTest(test: LitmusTest): Promise<LitmusAnswer> {
  const program = litmusProgram(test)
  const words = new Int32Array(new SharedArrayBuffer(program.words.length * 4))
  const environment = { cpu: undefined, ...viewsOf(words), maps: {}, values: {}, helpers: {}, fields: {} }
  const module = await loadInstrumentedText(moduleOf(test, program), test.name)
  const threads = (module.default as (environment: unknown) => Thread[])(environment)
  const states = new Set<string>()
  let reached = false
  const result = check(
    {
      name: test.name,
      setup: () => {
        words.set(program.words)
        return environment
      },
      threads,
      outcome: (_, results) => {
        const state = finalState(program, words, results)
        reached ||= program.condition(state)
        const line = [...state].map(([name, value]) => `${name}=${value}`).join(' ')
        states.add(line)
        return line
      },
    },
    // Plain accesses of BPF are single ones; that they race is what a litmus test is about.
    { detect: { dataRaces: false } },
  )
  if (result.violation !== null) throw new CommandFailure(formatViolation(result.violation))
  return { finalStates: states.size, reached, traces: result.executions }
}

/** One module with a run for each thread; comments say which statement a line comes from. */
function moduleOf(test: LitmusTest, program: LitmusProgram): string {
  const lines = ['export default (environment) => {', 'const runs = []']
  program.threads.forEach(({ generated, entry, statements }, t) => {
    const given = JSON.stringify(Array.from(entry, (each) => each ?? null)).replaceAll('null', 'undefined')
    lines.push(`const entry${t} = ${given}`, `const run${t} = (`)
    generated.text
      .trimEnd()
      .split('\n')
      .forEach((line, i) => {
        const k = statements[i]
        const statement = k === undefined ? undefined : test.threads[t][k]
        const place = statement === undefined ? '' : ` // @explore at ${test.name}:${t}:${k} ${statement.join(' ')}`
        lines.push(line + place)
      })
    lines.push(')(environment)', `runs.push((context) => run${t}(context, entry${t}))`)
  })
  lines.push('return runs', '}')
  return lines.join('\n')
}
