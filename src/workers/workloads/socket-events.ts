/**
 * Connections and options, for programs that syscalls of sockets call: each round opens a socket, connects it, sets and
 * reads an option, accepts one from a listener, and closes both.
 */

import { TCP_CLOSE } from '../../shared/sock.ts'
import { SOCKET_OPTIONS, SOL_SOCKET } from '../../shared/sockopt.ts'
import { BpfError } from '../bpf-error.ts'
import type { ProgramStats } from '../program.ts'
import type { CallContext } from '../task.ts'

/** What the workload is told. */
export interface SocketEventsArgs {
  /** Descriptor of a socket that listens. */
  readonly listener: number
  /** Rounds of each CPU, and the seconds after which it stops. */
  readonly rounds: number
  readonly seconds: number
}

const { SO_MARK } = SOCKET_OPTIONS

/** Rounds between two looks at the clock. */
const CHUNK = 64

export default ({ sys, args, stopping }: CallContext): ProgramStats => {
  const { listener, rounds, seconds } = args as SocketEventsArgs
  const begin = performance.now()
  let runs = 0
  while (runs < rounds && !stopping()) {
    const count = Math.min(CHUNK, rounds - runs)
    for (let i = 0; i < count; i++) {
      const fd = sys.socket({ state: TCP_CLOSE })
      sys.connect(fd)
      orRefused(() => sys.setsockopt(fd, SOL_SOCKET, SO_MARK, runs + i))
      orRefused(() => sys.getsockopt(fd, SOL_SOCKET, SO_MARK))
      sys.close(sys.accept(listener))
      sys.close(fd)
    }
    runs += count
    if (performance.now() - begin >= seconds * 1000) break
  }
  return { runs, runTimeNs: 0, seconds: (performance.now() - begin) / 1000 }
}

/** Programs may refuse options. */
function orRefused(call: () => unknown): void {
  try {
    call()
  } catch (error) {
    if (!(error instanceof BpfError)) throw error
  }
}
