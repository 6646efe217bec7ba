/**
 * The state of a socket changes while others look at it: connect(), close() with programs that hear of it, a dump, and
 * accept4() of a listener that is being closed.
 */

import { sockAccept } from '../../src/shared/sk-clone.ts'
import { SOCK_STREAM, TCP_CLOSE, TCP_LISTEN } from '../../src/shared/sock.ts'
import { sockDiagDump } from '../../src/shared/sock-diag.ts'
import { sockClose, sockConnect, socketCreate } from '../../src/shared/socket.ts'
import type { SocketPrograms } from '../../src/shared/socket-programs.ts'
import { SOCKET_OPTIONS, SOL_SOCKET, sockGetsockopt, sockSetsockopt } from '../../src/shared/sockopt.ts'
import { atRest, type Setting, setting } from './setting.ts'

/** Programs that are attached and have nothing to say. */
const QUIET: SocketPrograms = { sockOps() {}, setsockopt: () => undefined, getsockopt: () => undefined }

/** One socket in that state, by descriptor. */
function withSocket(state: number): Setting {
  const given = setting({ sockets: 0, fds: 6 })
  return { ...given, fds: [socketCreate(given.cpus.at(-1)!, { state })] }
}

const connect =
  (id: number, programs?: SocketPrograms) =>
  ({ cpus, fds }: Setting): number =>
    sockConnect(cpus[id], fds[0], programs)

const close =
  (id: number) =>
  ({ cpus, fds }: Setting): number =>
    sockClose(cpus[id], fds[0], QUIET)

/** The states that a dump shows. */
const states = ({ cpus: [cpu] }: Setting): string => {
  const shown: number[] = []
  sockDiagDump(cpu, { type: SOCK_STREAM, storages: null }, ({ state }) => shown.push(state))
  return `[${shown}]`
}

/** One of two that connect is first. */
export const twoConnects = { setup: () => withSocket(TCP_CLOSE), threads: [connect(0), connect(1)], after: atRest }

/** The same where programs hear of it. */
export const twoConnectsWithPrograms = {
  setup: () => withSocket(TCP_CLOSE),
  threads: [connect(0, QUIET), connect(1, QUIET)],
  after: atRest,
}

/** A dump shows it or not, in a state that it has. */
export const dumpAgainstConnect = {
  setup: () => withSocket(TCP_CLOSE),
  threads: [states, connect(1)],
  after: atRest,
}

/** Closed while it is connected. */
export const connectAgainstCloseWithPrograms = {
  setup: () => withSocket(TCP_CLOSE),
  threads: [connect(0), close(1)],
  after: atRest,
}

/** Two close it: programs hear of one. */
export const twoClosesWithPrograms = {
  setup: () => withSocket(TCP_LISTEN),
  threads: [close(0), close(1)],
  after: atRest,
}

/** A listener goes while a connection is accepted on it: a child, or -EINVAL, or -EBADF. */
export const acceptAgainstCloseWithPrograms = {
  setup: () => withSocket(TCP_LISTEN),
  threads: [({ cpus: [cpu], fds }: Setting): number => sockAccept(cpu, fds[0]), close(1)],
  after: atRest,
}

const setOption =
  (id: number, optname: number) =>
  ({ cpus, fds }: Setting): number =>
    sockSetsockopt(cpus[id], fds[0], SOL_SOCKET, optname, Uint8Array.of(5, 0, 0, 0), true)

/** An option of a listener is set while a connection is accepted on it: the child has it or not. */
export const acceptAgainstMark = {
  setup: () => withSocket(TCP_LISTEN),
  threads: [({ cpus: [cpu], fds }: Setting): number => sockAccept(cpu, fds[0]), setOption(1, SOCKET_OPTIONS.SO_MARK)],
  after: atRest,
}

export const acceptAgainstPriority = {
  setup: () => withSocket(TCP_LISTEN),
  threads: [
    ({ cpus: [cpu], fds }: Setting): number => sockAccept(cpu, fds[0]),
    setOption(1, SOCKET_OPTIONS.SO_PRIORITY),
  ],
  after: atRest,
}

/** An option is read as it was or as it is. */
export const optionAgainstOption = {
  setup: () => withSocket(TCP_CLOSE),
  threads: [
    ({ cpus: [cpu], fds }: Setting): number =>
      sockGetsockopt(cpu, fds[0], SOL_SOCKET, SOCKET_OPTIONS.SO_MARK, 4).value[0],
    setOption(1, SOCKET_OPTIONS.SO_MARK),
  ],
  after: atRest,
}
