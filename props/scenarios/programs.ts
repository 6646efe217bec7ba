/**
 * A loaded program holds its maps until a grace period after it was detached. Whoever still runs it then may use them.
 */

import { type BpfProg, progInc, progLoad, progPut } from '../../src/shared/bpf-prog.ts'
import { mapGet } from '../../src/shared/map.ts'
import { mapPut } from '../../src/shared/map-ref.ts'
import type { BpfMap } from '../../src/shared/pointer.ts'
import { BPF_PROG, MAP } from '../../src/shared/records.ts'
import { skStorageGet } from '../../src/shared/sk-storage.ts'
import type { Cpu } from '../../src/sync/cpu.ts'
import { runDeferredWork } from '../../src/sync/deferred-work.ts'
import { rcuDereference, writeOnce } from '../../src/sync/rcu.ts'
import { GIVEN, inReadSection, type Setting, setting, twice } from './setting.ts'
import { closeMap } from './steps.ts'

interface WithProgram extends Setting {
  readonly prog: BpfProg
  /** A word where the program is found while it is attached. */
  readonly hook: number
}

/** A program with a map, whose only reference it holds. */
function withProgram(): WithProgram {
  const given = setting({ maps: 2, elements: 1, open: true })
  const main = given.cpus.at(-1)!
  const prog = progLoad(main, given.maps) as BpfProg
  mapPut(main, given.maps[0])
  // A word of another map that nobody else has a use for.
  const hook = given.maps[1] + MAP.name
  Atomics.store(main.words, hook, prog)
  return { ...given, prog, hook }
}

/** Runs the program that is attached: what it finds at the socket or else puts there; or 'detached'. */
const run =
  (id: number, word = GIVEN) =>
  ({ cpus, sockets, hook }: WithProgram): string | number =>
    inReadSection(cpus[id], () => {
      const prog = rcuDereference(cpus[id].words, hook)
      if (prog === 0) return 'detached'
      // By its record, as compiled programs find their maps.
      const map = cpus[id].words[prog + BPF_PROG.maps] as BpfMap
      const value = skStorageGet(cpus[id], map, sockets[0], twice(word), 1)
      return value === 0 ? 0 : cpus[id].words[value]
    })

/** Detaches it and drops the reference of whoever had attached it. */
const detach =
  (id: number) =>
  ({ cpus, prog, hook }: WithProgram): void => {
    writeOnce(cpus[id].words, hook, 0)
    progPut(cpus[id], prog)
  }

/** What runs when it is detached may go on. Its map's freeing is queued a grace period later. */
export const runAgainstDetach = { setup: withProgram, threads: [run(0), detach(1)] }

/** Whoever holds a reference of its own keeps it, and puts it last or first. */
export const holdAgainstDetach = {
  setup() {
    const given = withProgram()
    progInc(given.cpus.at(-1)!, given.prog)
    return given
  },
  threads: [
    ({ cpus, prog }: WithProgram): void => progPut(cpus[0], prog),
    (given: WithProgram): void => {
      detach(1)(given)
      runDeferredWork(given.cpus[1])
    },
  ],
}

/** A program is loaded with a map whose descriptor is closed meanwhile. The last reference may go in a callback. */
export const loadAgainstClose = {
  setup: () => setting({ openMaps: true }),
  threads: [
    ({ cpus, mapFds }: Setting): string => {
      const map = mapGet(cpus[0], mapFds[0]) as BpfMap
      if (map < 0) return 'closed'
      const prog = progLoad(cpus[0], [map]) as BpfProg
      mapPut(cpus[0], map)
      progPut(cpus[0], prog)
      return 'loaded'
    },
    closeMap(1),
  ],
}

/** The map goes with the program that is detached, a grace period later: not under the eyes of whoever runs it. */
export const runAgainstDetachAndMapFree = {
  setup: withProgram,
  threads: [
    run(0),
    (given: WithProgram): void => {
      detach(1)(given)
      runDeferredWork(given.cpus[1])
    },
  ],
}

interface WithTwoPrograms extends WithProgram {
  /** Loaded with the other map, and not attached yet. */
  readonly next: BpfProg
}

function withTwoPrograms(): WithTwoPrograms {
  const given = withProgram()
  return { ...given, next: progLoad(given.cpus.at(-1)!, given.maps.slice(1)) as BpfProg }
}

/** Attaches a program in the place of another, or none, and puts that one. Returns which it was. */
function exchange(cpu: Cpu, { hook, prog }: WithProgram, next: BpfProg | 0): string {
  const old = Atomics.exchange(cpu.words, hook, next) as BpfProg
  if (old === 0) return 'none'
  progPut(cpu, old)
  return old === prog ? 'first' : 'second'
}

/** Another program is attached in its place: what runs is the one or the other, with the map of its own. */
export const runAgainstAttach = {
  setup: withTwoPrograms,
  threads: [
    (given: WithTwoPrograms) => run(0, 2 * GIVEN)(given),
    (given: WithTwoPrograms): string => exchange(given.cpus[1], given, given.next),
  ],
}

/** One attaches where another detaches: each program is put once, by whoever took it away. */
export const attachAgainstDetach = {
  setup: withTwoPrograms,
  threads: [
    (given: WithTwoPrograms): string => exchange(given.cpus[0], given, given.next),
    (given: WithTwoPrograms): string => exchange(given.cpus[1], given, 0),
  ],
  after({ memory: { words }, hook, next }: WithTwoPrograms, [, detached]: readonly unknown[]): void {
    const expected = detached === 'second' ? 0 : next
    if (words[hook] !== expected)
      throw new Error(`the program at word ${words[hook]} is attached, expected ${expected}`)
  },
}
