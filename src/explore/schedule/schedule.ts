/**
 * Schedules as a line, the way dejafu writes them: `S0-P1---S0`.
 *
 * `S` starts a stretch of a thread that follows an end or a block of the one before, `P` one that preempts a
 * thread which could have gone on; each `-` is one further step. `2.1` is the first callback that thread 2 queued.
 * For readers, `-{90}` stands for ninety of them.
 */

/** The threads of an execution, step by step, and at which steps a thread was preempted. */
export interface Schedule {
  /** Label of the thread, for each step. */
  readonly threads: readonly string[]
  /** For each step, whether the thread before it could have gone on. */
  readonly preempted: readonly boolean[]
}

/** Writes a schedule as a line. */
export function scheduleLine({ threads, preempted }: Schedule): string {
  let line = ''
  threads.forEach((thread, k) => {
    if (k > 0 && threads[k - 1] === thread) line += '-'
    else line += `${preempted[k] === true ? 'P' : 'S'}${thread}`
  })
  return line
}

/** The line as it is shown to a reader. It can be read as well. */
export const shortLine = (line: string): string => line.replace(/-{9,}/g, (dashes) => `-{${dashes.length}}`)

/** Steps that a line may have: as many as an execution can be allowed. */
export const MOST_STEPS = 10_000_000

/**
 * Reads a schedule's line. Throws a SyntaxError that says where it can't be read, or that it has more than `most`
 * steps.
 */
export function readSchedule(line: string, most: number = MOST_STEPS): Schedule {
  const threads: string[] = []
  const preempted: boolean[] = []
  const stretch = /([SP])(\d+(?:\.\d+)*)(?:-\{(\d+)\}|(-*))/y
  while (stretch.lastIndex < line.length) {
    const at = stretch.lastIndex
    const [, how, thread, many, dashes = ''] = stretch.exec(line) ?? []
    if (thread === undefined)
      throw new SyntaxError(`schedule: can't read '${line.slice(at, at + 12)}' at character ${at + 1}`)
    const more = many === undefined ? dashes.length : Number(many)
    // Before they are written out: a short line can ask for more of them than there is memory.
    if (threads.length + 1 + more > most)
      throw new SyntaxError(`schedule: got ${threads.length + 1 + more} steps or more, expected at most ${most}`)
    for (let k = 0; k <= more; k++) {
      threads.push(thread)
      preempted.push(k === 0 && how === 'P')
    }
  }
  return { threads, preempted }
}

/** How often a schedule preempts. */
export const preemptions = ({ preempted }: Schedule): number => preempted.filter(Boolean).length
