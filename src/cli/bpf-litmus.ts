/**
 * `sk-storage bpf litmus`: BPF litmus tests in every interleaving.
 */

import { readLitmusTests } from '../bpf/litmus.ts'
import { ProgramRefused } from '../bpf/verifier/refused.ts'
import { EXIT, exitHelp } from '../command/exit-status.ts'
import { toggle } from '../command/flag-kinds.ts'
import { helpOf, parseFlags } from '../command/flags.ts'
import { UsageError } from '../command/usage-error.ts'
import { printJson, readTextFile } from './bpf-file.ts'
import { exploreLitmusTest, type LitmusAnswer } from './litmus-exploration.ts'

const FLAGS = {
  json: toggle('print JSON Lines: one for each test, then a summary'),
  help: toggle('print this'),
}

const HELP = `Usage: sk-storage bpf litmus FILE [FLAGS]

Explores each test of a file: BPF instructions of a few threads on shared locations, each performed at once and in its
turn. The file is JSON, { "tests": [...] } with tests like

  { "name": "SB",
    "init": { "registers": { "0": { "r1": "x", "r2": "y" }, "1": { "r1": "y", "r2": "x" } } },
    "threads": [[["store", "r1", 0, "1", 32], ["load", "r3", "r2", 0, 32]],
                [["store", "r1", 0, "1", 32], ["load", "r3", "r2", 0, 32]]],
    "condition": "(0:r3=0 /\\\\ 1:r3=0)" }

Statements: load, load_acquire [to, base, offset, bits]; store, store_release [base, offset, value, bits]; fetch_add, xchg
[to, base, offset, operand, bits]; cmpxchg [to, base, offset, expected, new, bits]; lock_op [base, offset, operator,
operand, bits]; mov [to, from]; alu [to, operator, operand]; if [register, relation, operand, label]; label [name].

Printed are the number of final states and whether one fulfils the condition. Where the file says how many there are
("sc_final_states") and whether ("sc_reachable"), that is compared.

Flags:
${helpOf(FLAGS)}

${exitHelp({ clean: 'explored, and as the file says where it says so', finding: 'a test ends in another way than the file says' })}
`

export default async function litmus(argv: readonly string[]): Promise<number> {
  const { values, words } = parseFlags(argv, FLAGS, 1, 'one file')
  if (values.help) {
    process.stdout.write(HELP)
    return EXIT.clean
  }
  const { tests, claims } = readTextFile(words[0], 'a file of litmus tests', (text) => ({
    tests: readLitmusTests(text),
    claims: JSON.parse(text).tests as readonly Claim[],
  }))
  let differing = 0
  let silent = 0
  for (const [i, test] of tests.entries()) {
    const answer = await exploreLitmusTest(test).catch((error: unknown) => {
      if (error instanceof SyntaxError || error instanceof ProgramRefused)
        throw new UsageError(`${words[0]}: ${test.name}: ${error.message}`)
      throw error
    })
    const difference = differenceFrom(claims[i], answer)
    if (difference !== undefined) differing++
    if (claims[i].sc_final_states === undefined && claims[i].sc_reachable === undefined) silent++
    if (values.json)
      printJson({ event: 'litmus', name: test.name, ...answer, ...(difference === undefined ? {} : { difference }) })
    else
      process.stdout.write(
        `${test.name}: ${statesOf(answer.finalStates, answer.reached)}${difference === undefined ? '' : `; ${difference}`}\n`,
      )
  }
  if (values.json) printJson({ event: 'summary', tests: tests.length, differing, silent })
  else
    process.stdout.write(
      `${tests.length - silent - differing} of ${tests.length} tests end as the file says${silent === 0 ? '' : `; of ${silent} it says nothing`}\n`,
    )
  return differing === 0 ? EXIT.clean : EXIT.finding
}

/** What a file says of a test. */
interface Claim {
  readonly sc_final_states?: unknown
  readonly sc_reachable?: unknown
}

function differenceFrom(claim: Claim, { finalStates, reached }: LitmusAnswer): string | undefined {
  const { sc_final_states: states = finalStates, sc_reachable: reachable = reached } = claim
  if (states === finalStates && reachable === reached) return undefined
  return `the file says ${statesOf(states, reachable)}`
}

function statesOf(count: unknown, reached: unknown): string {
  return `${count} final state${count === 1 ? '' : 's'}, ${reached ? 'reached' : 'not reached'}`
}
