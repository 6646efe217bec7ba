/**
 * `sk-storage bpf`: compiled BPF programs. Each word behind it has a file of its own, loaded when it is asked for.
 */

import { EXIT, exitHelp } from '../command/exit-status.ts'
import { UsageError } from '../command/usage-error.ts'
import { meant, quote } from '../command/words.ts'

interface Entry {
  readonly summary: string
  readonly load: () => Promise<{ default: (argv: readonly string[]) => number | Promise<number> }>
}

const COMMANDS: Readonly<Record<string, Entry>> = {
  verify: {
    summary: 'judge the programs of an object file, as the kernel would',
    load: () => import('./bpf-verify.ts'),
  },
  dump: { summary: 'print what they become, beside their C lines', load: () => import('./bpf-dump.ts') },
  run: {
    summary: 'run a program on worker CPUs, over maps and sockets',
    load: () => import('./bpf-run.ts'),
  },
  explore: {
    summary: 'run programs against each other in every interleaving',
    load: () => import('./bpf-explore.ts'),
  },
  vectors: { summary: 'run programs with known results', load: () => import('./bpf-vectors.ts') },
  litmus: { summary: 'explore litmus tests in every interleaving', load: () => import('./bpf-litmus.ts') },
}

function help(): string {
  const width = Math.max(...Object.keys(COMMANDS).map((name) => name.length))
  const list = Object.entries(COMMANDS).map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`)
  return [
    'Usage: sk-storage bpf COMMAND FILE [FLAGS]',
    '',
    'Compiled BPF programs: object files of clang, and programs in a notation of our own.',
    '',
    'Commands:',
    ...list,
    '',
    'sk-storage bpf COMMAND --help tells its flags.',
    exitHelp({ clean: true, finding: true }),
    '',
  ].join('\n')
}

export default async function bpf([name, ...rest]: readonly string[]): Promise<number> {
  if (name !== undefined && Object.hasOwn(COMMANDS, name)) {
    const { default: command } = await COMMANDS[name].load()
    return command(rest)
  }
  if (name !== undefined && name !== '--help' && name !== '-h')
    throw new UsageError(
      `got the unknown ${name.startsWith('-') ? 'flag' : 'command'} ${quote(name)}, expected ${meant(name, [...Object.keys(COMMANDS), '--help'])}`,
    )
  process.stdout.write(help())
  return name === undefined ? EXIT.usage : EXIT.clean
}
