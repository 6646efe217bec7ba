/**
 * `sk-storage prog show`: the programs of a machine, as bpftool shows those of the kernel.
 */

import { EXIT, exitHelp } from '../command/exit-status.ts'
import { toggle } from '../command/flag-kinds.ts'
import { helpOf, parseFlags } from '../command/flags.ts'
import { UsageError } from '../command/usage-error.ts'
import { quote } from '../command/words.ts'
import type { ListedProgram } from './listing.ts'
import { socket } from './socket-path.ts'
import { openSource } from './source.ts'

const FLAGS = {
  connect: socket('ask the machine behind run --listen PATH'),
  demo: toggle('ask a small machine made for the purpose'),
  json: toggle('print JSON Lines, one for each program'),
  help: toggle('print this'),
}

const HELP = `Usage: sk-storage prog show [FLAGS] (--connect PATH | --demo)

Shows the attached programs; run_time_ns and run_cnt of those runs that were timed.

Flags:
${helpOf(FLAGS)}

${exitHelp({ clean: 'shown' })}
`

export default async function prog(argv: readonly string[]): Promise<number> {
  const { values, words } = parseFlags(argv, FLAGS, 1, 'show alone')
  if (values.help) {
    process.stdout.write(HELP)
    return EXIT.clean
  }
  if (words[0] !== 'show')
    throw new UsageError(`got ${words[0] === undefined ? 'no word' : quote(words[0])}, expected show`)
  const source = await openSource(values)
  try {
    for (const program of await source.programs())
      process.stdout.write(`${values.json ? JSON.stringify({ schema: 1, ...program }) : textOf(program)}\n`)
  } finally {
    await source.close()
  }
  return EXIT.clean
}

/** Statistics only where there are any, as in bpftool. */
function textOf({ id, type, name, tag, loadedAt, uid, mapIds, runTimeNs, runCnt }: ListedProgram): string {
  const stats = runCnt > 0 ? ` run_time_ns ${runTimeNs} run_cnt ${runCnt}` : ''
  const maps = mapIds.length > 0 ? `\n\tmap_ids ${mapIds.join(',')}` : ''
  return `${id}: ${type}  name ${name}  tag ${tag}  gpl${stats}\n\tloaded_at ${loadedAt}  uid ${uid}${maps}`
}
