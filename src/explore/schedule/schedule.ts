/**
 * Schedules as a line, the way dejafu writes them: `S0-P1---S0`.
 *
 * `S` starts a stretch of a thread that follows an end or a block of the one before, `P` one that preempts a
 * thread which could have gone on; each `-` is one further step. `2.1` is the first callback that thread 2 queued.
 * For readers, `-{90}` stands for ninety of them.
 *
 * Under a memory model a step may say more: `S1-r3` reads what step 3 stored, `r0` what was there before all threads,
 * `r3_0` its first byte from step 3 and the next as it was before; `b3` is a SeqCst store that stands before that of
 * step 3; `E3` at the end: what step 3 stored is there at the end, `E3_1` its byte 1, counted from 0.
 */

/** The threads of an execution, step by step, and at which steps a thread was preempted. */
export interface Schedule {
  /** Label of the thread, for each step; with what is said of it besides: `1r3`. */
  readonly threads: readonly string[]
  /** For each step, whether the thread before it could have gone on. */
  readonly preempted: readonly boolean[]
  /** Stores that are there at the end though later ones went to the same bytes. Not there: none. */
  readonly ends?: readonly EndStore[] | undefined
}

/** What a step stored: its number, or of a word that others overlap `3_1`, byte 1 of what step 3 stored. */
export type EndStore = number | string

/** What a step says: its thread's label, and the steps behind `r` and `b`. */
export interface SaidStep {
  readonly label: string
  /** One for all bytes, or one for each. */
  readonly from: readonly number[] | undefined
  readonly before: number | undefined
}

const STEP = /^(\d+(?:\.\d+)*)(?:r(\d+(?:_\d+)*))?(?:b(\d+))?$/

/** Reads a step of a schedule. Undefined: it is none. */
export function readStep(step: string): SaidStep | undefined {
  const [, label, from, before] = STEP.exec(step) ?? []
  if (label === undefined) return undefined
  return { label, from: from?.split('_').map(Number), before: before === undefined ? undefined : Number(before) }
}

/** Writes a schedule as a line. */
export function scheduleLine({ threads, preempted, ends = [] }: Schedule): string {
  let line = ''
  let last = ''
  threads.forEach((step, k) => {
    const [thread] = /^[\d.]*/.exec(step)!
    line += k > 0 && thread === last ? `-${step.slice(thread.length)}` : `${preempted[k] === true ? 'P' : 'S'}${step}`
    last = thread
  })
  return line + ends.map((end) => `E${end}`).join('')
}

/** The line as it is shown to a reader. It can be read as well. */
export const shortLine = (line: string): string => line.replace(/-{9,}(?![rb])/g, (dashes) => `-{${dashes.length}}`)

/** Steps that a line may have: as many as an execution can be allowed. */
export const MOST_STEPS = 10_000_000

/**
 * Reads a schedule's line. Throws a SyntaxError that says where it can't be read, or that it has more than `most`
 * steps.
 */
export function readSchedule(line: string, most: number = MOST_STEPS): Schedule {
  const threads: string[] = []
  const preempted: boolean[] = []
  const ends: EndStore[] = []
  let thread: string | undefined
  const part =
    /([SP])(\d+(?:\.\d+)*)((?:r\d+(?:_\d+)*)?(?:b\d+)?)|-(?:\{(\d+)\}|((?:r\d+(?:_\d+)*)?(?:b\d+)?))|E(\d+(?:_\d+)?)/y
  while (part.lastIndex < line.length) {
    const at = part.lastIndex
    const [all, how, label, said, many, more = '', end] = part.exec(line) ?? []
    thread = label ?? thread
    if (all === undefined || thread === undefined || (end === undefined && ends.length > 0))
      throw new SyntaxError(`schedule: can't read '${line.slice(at, at + 12)}' at character ${at + 1}`)
    if (end !== undefined) {
      ends.push(end.includes('_') ? end : Number(end))
      continue
    }
    const steps = many === undefined ? 1 : Number(many)
    // Before they are written out: a short line can ask for more of them than there is memory.
    if (threads.length + steps > most)
      throw new SyntaxError(`schedule: got ${threads.length + steps} steps or more, expected at most ${most}`)
    for (let k = 0; k < steps; k++) {
      threads.push(thread + (said ?? more))
      preempted.push(how === 'P')
    }
  }
  return ends.length === 0 ? { threads, preempted } : { threads, preempted, ends }
}

/** How often a schedule preempts. */
export const preemptions = ({ preempted }: Schedule): number => preempted.filter(Boolean).length
