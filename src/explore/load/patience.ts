/**
 * How long a thread may be without a sign of life, for another one that looks at it now and then.
 */

/** How many times the patience a thread may sleep: nothing computes, and nothing comes of it. */
export const ASLEEP = 4
/** The share of a processor that a process takes in which nothing is done but to look at a thread. */
const RESTING = 0.05

/**
 * A function to call every `look` milliseconds, with the number of signs so far. It says what the thread does once that
 * number has been the same for too long: it is `busy` when the process has computed for `patience` seconds, `asleep`
 * when it has rested for four times that.
 */
export function createPatience(patience: number, look: number): (beats: number) => 'busy' | 'asleep' | undefined {
  let last = -1
  let busy = process.cpuUsage()
  let looks = 0
  return (beats) => {
    if (beats !== last) {
      last = beats
      looks = 0
      busy = process.cpuUsage()
      return undefined
    }
    const { user, system } = process.cpuUsage(busy)
    const computed = (user + system) / 1e6
    // Counted in computing and not by the clock, since a loaded machine may leave the thread no turn.
    if (computed > patience) return 'busy'
    // And in looks, since a machine may have slept in between.
    const still = (++looks * look) / 1000
    return still > ASLEEP * patience && computed < RESTING * still ? 'asleep' : undefined
  }
}
