/**
 * Makes syscalls that must fail and tells how: [name, code, errno] each. Run by a worker and, with its own `sys`, by
 * the main thread.
 */

export function errorsOf(sys, { map, hash, socket, listener, udp }) {
  const value = new Int32Array(2)
  const bad = 4000
  const calls = {
    'lookup without a value': () => sys.mapLookup(map, socket),
    'lookup in no map': () => sys.mapLookup(bad, socket),
    'lookup in a socket': () => sys.mapLookup(socket, socket),
    'lookup at no socket': () => sys.mapLookup(map, bad),
    'lookup at a map': () => sys.mapLookup(map, map),
    'lookup with odd flags': () => sys.mapLookup(map, socket, 1),
    'update with EXIST': () => sys.mapUpdate(map, socket, value, 2),
    'update with odd flags': () => sys.mapUpdate(map, socket, value, 3),
    'update with F_LOCK': () => sys.mapUpdate(map, socket, value, 4),
    'update of the wrong length': () => sys.mapUpdate(map, socket, new Int32Array(3)),
    'update at a map': () => sys.mapUpdate(map, map, value),
    'delete without a value': () => sys.mapDelete(map, socket),
    'next key': () => sys.mapGetNextKey(map, null),
    'accept on no listener': () => sys.accept(socket),
    'accept on a datagram socket': () => sys.accept(udp),
    'accept on a map': () => sys.accept(map),
    'close nothing': () => sys.close(bad),
    'iterate a hash map': () => sys.mapIterate(hash, () => true),
    'open no map by id': () => sys.mapGetFdById(4711),
    'create with max entries': () =>
      sys.mapCreate({
        type: 24,
        keySize: 4,
        valueSize: 8,
        maxEntries: 1,
        flags: 1,
        btfKeyTypeId: 1,
        btfValueTypeId: 3,
      }),
    'create too large': () =>
      sys.mapCreate({
        type: 24,
        keySize: 4,
        valueSize: 65408,
        maxEntries: 0,
        flags: 1,
        btfKeyTypeId: 1,
        btfValueTypeId: 3,
      }),
    'fill the table': () => {
      const fds = []
      try {
        for (;;) fds.push(sys.socket())
      } finally {
        for (const fd of fds) sys.close(fd)
      }
    },
    'no memory': () => {
      const fds = []
      try {
        for (;;) {
          fds.push(
            sys.mapCreate({
              type: 24,
              keySize: 4,
              valueSize: 60000,
              maxEntries: 0,
              flags: 1,
              btfKeyTypeId: 1,
              btfValueTypeId: 3,
            }),
          )
          for (let i = 0; i < 2; i++) sys.mapUpdate(fds.at(-1), listener, new Int32Array(15000))
        }
      } finally {
        for (const fd of fds) sys.close(fd)
      }
    },
  }
  return Object.entries(calls).map(([what, call]) => {
    try {
      return [what, 'nothing', call() ?? 0]
    } catch (error) {
      return [what, error.code ?? error.name, error.errno ?? error.message]
    }
  })
}

export default ({ sys, args }) => errorsOf(sys, args)
