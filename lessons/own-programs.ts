/**
 * Programs put together by a reader, as they are written in a link and in a replay line: `create delete|get`, a program
 * for each CPU.
 */

/** What a program can do. */
export const OPERATION_NAMES = ['get', 'create', 'delete', 'clone'] as const
export type OperationName = (typeof OPERATION_NAMES)[number]

/** More than these nobody can explore, and no picture shows. */
export const MOST_CPUS = 3
export const MOST_OPERATIONS = 4

/** The operations of each CPU. Throws a SyntaxError for one that isn't there, and for too many. */
export function readPrograms(text: string): OperationName[][] {
  const programs = text.split('|').map((program) => program.split(' ').filter((each) => each !== ''))
  if (programs.length > MOST_CPUS) {
    throw new SyntaxError(`got programs for ${programs.length} CPUs, expected at most ${MOST_CPUS}`)
  }
  return programs.map((program, cpu) => {
    if (program.length > MOST_OPERATIONS) {
      throw new SyntaxError(`CPU ${cpu}: got ${program.length} operations, expected at most ${MOST_OPERATIONS}`)
    }
    return program.map((each) => {
      const known = OPERATION_NAMES.find((name) => name === each)
      if (known !== undefined) return known
      throw new SyntaxError(`got the operation '${each}', expected one of ${OPERATION_NAMES.join(', ')}`)
    })
  })
}
