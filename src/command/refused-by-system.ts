/**
 * Errors that tell of the machine and not of our code or the author's: a full disk, too many open files.
 */

/** What may be said of any path, whatever is there. */
const SHORTAGES: ReadonlySet<unknown> = new Set(['EMFILE', 'ENFILE', 'ENOSPC', 'EDQUOT', 'ENOMEM', 'EIO', 'EAGAIN'])

/** Where Node was refused something and does not say by what: a module's package.json, the pipes of a worker. */
const OF_NODE: ReadonlySet<unknown> = new Set(['ERR_MODULE_NOT_FOUND', 'ERR_WORKER_INIT_FAILED'])

/** Whether the system refused a call, so that its own sentence says all. */
export function isRefusedBySystem(error: Error): boolean {
  return 'syscall' in error || OF_NODE.has(codeOf(error))
}

/** Whether the machine lacked something, whoever asked for it and however right that was. */
export const isShortage = (error: unknown): error is Error => error instanceof Error && SHORTAGES.has(codeOf(error))

const codeOf = (error: Error): unknown => (error as NodeJS.ErrnoException).code
