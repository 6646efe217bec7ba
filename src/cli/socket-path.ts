/**
 * The path of a Unix socket. A longer one than the system's address holds is cut without a word by some versions of
 * Node, so that the socket is made at another path.
 */

import type { Flag } from '../command/flags.ts'
import { UsageError } from '../command/usage-error.ts'

/** sun_path, without the zero byte at its end: 108 bytes on Linux, 104 on macOS and the BSDs. */
const MOST = process.platform === 'linux' ? 107 : 103

/** The path, if a socket can have it. Throws UsageError otherwise. */
export function socketPath(flag: string, path: string): string {
  if (path === '') throw new UsageError(`--${flag}: got '', expected a path`)
  const bytes = Buffer.byteLength(path)
  if (bytes <= MOST) return path
  throw new UsageError(
    `--${flag}: got a path of ${bytes} bytes, expected one of up to ${MOST}: a socket's address is no longer`,
  )
}

/** A flag that takes such a path. */
export function socket(help: string): Flag<string | undefined> {
  return { placeholder: 'PATH', help, parse: socketPath, initial: undefined }
}
