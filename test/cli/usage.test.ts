import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Ended, HANG, skStorage, skStorageInTurn } from './command.ts'

const RUN_FLAGS =
  '--cpus, --sockets, --maps, --seconds, --memory, --seed, --workload, --sanitize, --stats, --latency, --listen, --json or --help'

/** Command lines that make no sense, and the one sentence that each gets. */
const WRONG: readonly (readonly [args: string, sentence: string | RegExp])[] = [
  ['ran', "sk-storage: got the unknown command 'ran', expected run"],
  [
    '--verbose',
    "sk-storage: got the unknown flag '--verbose', expected run, ss, prog, selftest, explore, work, replay, bpf, museum, lesson-check, serve, --help or --version",
  ],
  ['run --threads 4', `sk-storage run: got the unknown flag --threads, expected ${RUN_FLAGS}`],
  ['run -c 4', `sk-storage run: got the unknown flag -c, expected ${RUN_FLAGS}`],
  ['run churn', "sk-storage run: got 'churn', expected only flags"],
  ['run --json=yes', 'sk-storage run: --json: got a value, expected none'],
  ['run --cpus', 'sk-storage run: --cpus: got no value, expected --cpus N'],
  ['run --cpus --json', 'sk-storage run: --cpus: got no value, expected --cpus N'],
  ['run --cpus -3', "sk-storage run: --cpus: got '-3', expected an integer from 1 to 254"],
  ['run --cpu 3', 'sk-storage run: got the unknown flag --cpu, expected --cpus'],
  ['ss', 'sk-storage ss: got neither --connect nor --demo, expected one of them'],
  ['prog show --demo --connect x', 'sk-storage prog: got both --connect and --demo, expected one of them'],
  ['prog show all', "sk-storage prog: got 'all', expected show alone"],
  ['run --cpus=-3', "sk-storage run: --cpus: got '-3', expected an integer from 1 to 254"],
  ['run --cpus four', "sk-storage run: --cpus: got 'four', expected an integer from 1 to 254"],
  ['run --cpus 1.5', "sk-storage run: --cpus: got '1.5', expected an integer from 1 to 254"],
  ['run --cpus 255', "sk-storage run: --cpus: got '255', expected an integer from 1 to 254"],
  ['run --sockets 0', "sk-storage run: --sockets: got '0', expected an integer from 1 to 60000"],
  ['run --maps 1e3', "sk-storage run: --maps: got '1e3', expected an integer from 1 to 1000"],
  ['run --seconds 0', "sk-storage run: --seconds: got '0', expected a number of seconds above 0, up to 1000000"],
  ['run --seconds soon', "sk-storage run: --seconds: got 'soon', expected a number of seconds above 0, up to 1000000"],
  ['run --seed 4294967296', "sk-storage run: --seed: got '4294967296', expected an integer from 0 to 4294967295"],
  ['run --memory 64MB', "sk-storage run: --memory: got '64MB', expected a size such as 64MiB, 1GiB or 67108864"],
  ['run --memory 64KiB', /^sk-storage run: --memory: got 65536, expected a size from \d+ to 8589934592 bytes$/],
  ['run --memory 8193MiB', /^sk-storage run: --memory: got 8590983168, expected a size from \d+ to 8589934592 bytes$/],
  [
    'run --memory 1MiB --sockets 60000',
    /^sk-storage run: --memory: got .+, expected room for 60000 sockets and 8 maps$/,
  ],
  ['run --stats', 'sk-storage run: --stats: got it with churn, expected it with egress, which runs a program'],
  ['run --workload chrun', "sk-storage run: --workload: got 'chrun', expected churn, egress or clone"],
  [
    'run --workload egress --maps 100',
    'sk-storage run: --maps: got 100, expected at most 28 in one program, which egress is',
  ],
  ['run --listen=', "sk-storage run: --listen: got '', expected a path"],
  [
    'run --listen /nowhere/at/all',
    'sk-storage run: --listen: got /nowhere/at/all, expected a path in a folder that exists',
  ],
  [
    'selftest stress_fre',
    "sk-storage selftest: got the unknown test 'stress_fre', expected basic, stress_free or stress_change",
  ],
  ['selftest basic twice', "sk-storage selftest: got 'twice', expected one test"],
  ['selftest --threads 0', "sk-storage selftest: --threads: got '0', expected an integer from 1 to 253"],
  [
    'selftest --threads 100 --sockets 100000',
    'sk-storage selftest: --sockets: got 100000 for each of 100 threads, expected at most 1000000 in all',
  ],
]

describe('a command line that makes no sense gets one sentence and status 2', () => {
  let all: readonly Ended[]
  beforeAll(async () => {
    all = await skStorageInTurn(WRONG.map(([args]) => args.split(' ')))
  }, HANG)

  it.each(WRONG.map((row, k) => [...row, k] as const))('%s', (_, sentence, k) => {
    const { status, stdout, stderr } = all[k]
    expect(stderr.endsWith('\n')).toBe(true)
    if (typeof sentence === 'string') expect(stderr.trimEnd()).toBe(sentence)
    else expect(stderr.trimEnd()).toMatch(sentence)
    expect(status).toBe(2)
    expect(stdout).toBe('')
  })

  it('also in a process of its own', async () => {
    const { status, stdout, stderr } = await skStorage('ran')
    expect({ status, stdout, stderr }).toEqual({ status: 2, stdout: '', stderr: `${WRONG[0][1]}\n` })
  })
})

describe('help', () => {
  it('is printed by --help, for the command and for each subcommand', async () => {
    const all = [['--help'], ['run', '--help'], ['selftest', '--help'], ['explore', '--help'], ['replay', '--help']]
    for (const { status, stdout, stderr } of await skStorageInTurn(all)) {
      expect(stdout).toMatch(/^Usage: sk-storage /)
      expect(stderr).toBe('')
      expect(status).toBe(0)
    }
  })

  it('is printed with status 2 where no command is given', async () => {
    const { status, stdout } = await skStorage()
    expect(stdout).toMatch(/^Usage: sk-storage COMMAND/)
    expect(status).toBe(2)
  })

  it('names each flag of run', async () => {
    const { stdout } = await skStorage('run', '--help')
    for (const flag of RUN_FLAGS.split(/, | or /)) expect(stdout).toContain(`  ${flag} `)
  })
})

it('--version tells the version of the package', async () => {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  expect(await skStorage('--version')).toMatchObject({ status: 0, stdout: `${version}\n`, stderr: '' })
})
