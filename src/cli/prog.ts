/**
 * `sk-storage prog show`: the programs of a machine, as bpftool shows those of the kernel.
 */

import { EXIT } from '../command/exit-status.ts'
import { helpOf, parseFlags, quote, toggle } from '../command/flags.ts'
import { UsageError } from '../command/usage-error.ts'
import type { ListedProgram } from './listing.ts'
import { socket } from './socket-path.ts'
import { connectSource, demoSource } from './source.ts'

const FLAGS = {
  connect: socket('ask the machine behind run --listen PATH'),
  demo: toggle('ask a small machine made for the purpose'),
  json: toggle('print JSON Lines, one for each program'),
  help: toggle('print this'),
}

const HELP = `Usage: sk-storage prog show [FLAGS] (--connect SOCKET | --demo)

Shows the attached programs; run_time_ns and run_cnt of those runs that were timed.

Flags:
${helpOf(FLAGS)}

Exit status: 0 shown, 2 usage.
`

export default async function prog(argv: readonly string[]): Promise<number> {
  const { values, words } = parseFlags(argv, FLAGS, 1)
  if (values.help) {
    process.stdout.write(HELP)
    return EXIT.clean
  }
  if (words[0] !== 'show')
    throw new UsageError(`got ${words[0] === undefined ? 'no word' : quote(words[0])}, expected show`)
  if ((values.connect === undefined) === !values.demo)
    throw new UsageError('expected either --connect SOCKET or --demo')
  const source = values.connect === undefined ? await demoSource() : await connectSource(values.connect)
  try {
    for (const program of await source.programs())
      process.stdout.write(`${values.json ? JSON.stringify({ schema: 1, ...program }) : textOf(program)}\n`)
  } finally {
    await source.close()
  }
  return EXIT.clean
}

/** Statistics only where there are any, as in bpftool. */
function textOf({ id, name, tag, loadedAt, uid, mapIds, runTimeNs, runCnt }: ListedProgram): string {
  const stats = runCnt > 0 ? ` run_time_ns ${runTimeNs} run_cnt ${runCnt}` : ''
  const maps = mapIds.length > 0 ? `\n\tmap_ids ${mapIds.join(',')}` : ''
  return `${id}: cgroup_skb  name ${name}  tag ${tag}  gpl${stats}\n\tloaded_at ${loadedAt}  uid ${uid}${maps}`
}
