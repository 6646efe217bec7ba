/**
 * What RCU costs: readers, updaters, and the memory that a slow reader holds back.
 */

import { rcuQuiescentState } from '../src/sync/quiescent-state.ts'
import { rcuReadLock, rcuReadUnlock } from '../src/sync/rcu.ts'
import { makeCpu } from './make.ts'
import type { RcuTask } from './rcu-job.ts'
import { lazyMachine, lockedMap, needCores } from './scale.ts'
import type { Case, Row, Scope, Suite } from './suite.ts'

const JOB = new URL('./rcu-job.js', import.meta.url)
/** Milliseconds that the slow reader reads. */
const SLOW = 10
const SECTIONS = 100_000

function readCase(name: string, quiescent: boolean): Case {
  const cpu = makeCpu({ bytes: 4 << 20 })
  const sections = () => {
    for (let i = 0; i < SECTIONS; i++) {
      rcuReadLock(cpu)
      rcuReadUnlock(cpu)
    }
  }
  const sectionsAndStates = () => {
    for (let i = 0; i < SECTIONS; i++) {
      rcuReadLock(cpu)
      rcuReadUnlock(cpu)
      rcuQuiescentState(cpu)
    }
  }
  return {
    name,
    count: SECTIONS,
    run: quiescent ? sectionsAndStates : sections,
    // Throws if the sections were not balanced.
    check: () => rcuQuiescentState(cpu),
  }
}

function cases({ cpus }: Scope): Case[] {
  const lazy = lazyMachine(Math.max(cpus, 2))
  let setup: { map: number; sockets: number[] } | undefined
  /** The first CPU's answer. */
  const asked = (name: string, what: RcuTask['what'], gang: number, ms?: number): Case => ({
    name,
    measure: async ({ time }) => {
      needCores(gang)
      const machine = await lazy.get()
      setup ??= { map: lockedMap(machine), sockets: machine.sockets(64) }
      const [first] = await machine.call(JOB, { what, ...setup, ms: ms ?? time } satisfies RcuTask, gang)
      if (what === 'held') await machine.settle()
      return first as number
    },
    end: lazy.end,
  })
  return [
    readCase('read-section', false),
    readCase('quiescent-state', true),
    asked('grace-idle', 'grace', 1),
    asked('grace-loaded', 'grace', Math.max(cpus, 2)),
    asked('callbacks', 'callbacks', 1),
    asked('callbacks-loaded', 'callbacks', Math.max(cpus, 2)),
    asked('held-back', 'held', 2, SLOW),
  ]
}

function rows({ cpus }: Scope): Row[] {
  const others = Math.max(cpus, 2) - 1
  const loaded = `${others} other CPU${others > 1 ? 's' : ''} reading`
  return [
    { name: 'read-section', label: 'a read section, empty', base: null },
    { name: 'quiescent-state', label: 'a read section and a quiescent state', base: 'read-section' },
    { name: 'grace-idle', label: 'a grace period, all others idle', base: null },
    { name: 'grace-loaded', label: `a grace period, ${loaded}`, base: 'grace-idle' },
    { name: 'callbacks', label: 'callbacks queued and run, one CPU alone', unit: 'perSecond', base: null },
    { name: 'callbacks-loaded', label: `callbacks queued and run, ${loaded}`, unit: 'perSecond', base: 'callbacks' },
    { name: 'held-back', label: `memory held back by a reader of ${SLOW} ms`, unit: 'bytes', base: null },
  ]
}

export const rcu: Suite = {
  name: 'rcu',
  summary: 'read sections, grace periods, callbacks, and what a slow reader holds back',
  rows,
  prepare: (names, scope): Case[] => cases(scope).filter(({ name }) => names.includes(name)),
  footer: [
    'A grace period is a whole synchronizeRcu, the mean of those in a round. Readers look up storages with a quiescent state',
    'behind each. Callbacks free the storages that one CPU makes and deletes, two for each. The slow reader stays in one read',
    'section while another CPU makes and deletes storages as fast as it can: memory is what that CPU freed and could not use.',
  ],
}
