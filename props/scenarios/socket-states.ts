/**
 * The state of a socket changes while others look at it: connect(), close() with programs that hear of it, a dump, and
 * accept4() of a listener that is being closed.
 */

import { fileObject, fput, sockfdLookup } from '../../src/shared/fd-table.ts'
import type { File } from '../../src/shared/pointer.ts'
import { SOCK } from '../../src/shared/records.ts'
import { sockAccept } from '../../src/shared/sk-clone.ts'
import { SOCK_DGRAM, SOCK_STREAM, TCP_CLOSE, TCP_LISTEN } from '../../src/shared/sock.ts'
import { sockDiagDump } from '../../src/shared/sock-diag.ts'
import { sockClose, sockConnect, socketCreate } from '../../src/shared/socket.ts'
import { BPF_SOCK_OPS_STATE_CB_FLAG, type SocketPrograms } from '../../src/shared/socket-programs.ts'
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
/** An option is read as it was or as it is. */
const optionAgainst = (optname: number) => ({
  setup: () => withSocket(TCP_CLOSE),
  threads: [
    ({ cpus: [cpu], fds }: Setting): number => sockGetsockopt(cpu, fds[0], SOL_SOCKET, optname, 4).value[0],
    setOption(1, optname),
  ],
  after: atRest,
})

export const optionAgainstOption = optionAgainst(SOCKET_OPTIONS.SO_MARK)
export const priorityAgainstPriority = optionAgainst(SOCKET_OPTIONS.SO_PRIORITY)

/** A datagram socket is dumped while it is connected. */
export const dumpOfDatagramAgainstConnect = {
  setup() {
    const given = setting({ sockets: 0, fds: 6 })
    return { ...given, fds: [socketCreate(given.cpus.at(-1)!, { type: SOCK_DGRAM })] }
  },
  threads: [
    ({ cpus: [cpu] }: Setting): string => {
      const shown: number[] = []
      sockDiagDump(cpu, { type: SOCK_DGRAM, storages: null }, ({ state }) => shown.push(state))
      return `[${shown}]`
    },
    connect(1),
  ],
  after: atRest,
}

/** A program asks to hear of states while the socket goes through one: it hears of what comes behind. */
export const closeAgainstWish = {
  setup: () => withSocket(TCP_LISTEN),
  threads: [
    ({ cpus: [cpu], fds }: Setting): string => {
      let heard = ''
      const sockOps: SocketPrograms['sockOps'] = (_cpu, _sk, _op, from, to) => {
        heard += `${from}-${to} `
      }
      sockClose(cpu, fds[0], { ...QUIET, sockOps })
      return heard.trim()
    },
    ({ cpus: [, cpu], fds }: Setting): void => {
      const file = sockfdLookup(cpu, fds[0]) as File
      if (file < 0) return
      Atomics.store(cpu.words, fileObject(cpu, file) + SOCK.cbFlags, BPF_SOCK_OPS_STATE_CB_FLAG)
      fput(cpu, file)
    },
  ],
  after: atRest,
}
