/**
 * A command line that makes no sense: one sentence with what was got and what was expected. Exit status 2.
 */

export class UsageError extends Error {
  override readonly name = 'UsageError'
}
