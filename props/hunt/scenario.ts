/**
 * A hunt's program as a scenario for the explorer: each CPU a thread. Each is also a kworker, for the maps whose last
 * reference it may have dropped.
 */

import { cpuOf } from '../../src/shared/cpu-of.ts'
import { checkInvariants } from '../../src/shared/invariants.ts'
import { mapCreate } from '../../src/shared/map.ts'
import { createMemory } from '../../src/shared/memory.ts'
import type { Cpu } from '../../src/sync/cpu.ts'
import { deferredWorkPending, runDeferredWork } from '../../src/sync/deferred-work.ts'
import { rcuOnline } from '../../src/sync/quiescent-state.ts'
import { layOut } from '../scenarios/layout.ts'
import { explained } from './explain.ts'
import { fill, finalLook, type Ground, groundWith, openSocket } from './ground.ts'
import { freesMaps, HUNT_MAP, type HuntProgram, KEYS, opened, usesHash } from './program.ts'
import { performStep } from './steps.ts'
import { layOutBeside, lookUpKey } from './steps-beside.ts'

interface Context {
  readonly cpus: readonly Cpu[]
  readonly ground: Ground
}

/**
 * The program's scenario, with its objects at the addresses that `layout` says; 0: as they come. It fails where no
 * order explains an outcome, or something is wrong at rest, besides what the detectors find.
 */
export function programScenario(program: HuntProgram, layout = 0) {
  const frees = freesMaps(program)
  const thread =
    (id: number) =>
    ({ cpus, ground }: Context): number[] => {
      const results: number[] = []
      for (const step of program.cpus[id]) {
        results.push(performStep(cpus[id], ground, step))
        if (step.do === 'closeMap') runDeferredWork(cpus[id])
      }
      if (frees) runDeferredWork(cpus[id])
      return results
    }
  // The same outcome comes in many executions.
  const verdicts = new Map<string, boolean>()
  return {
    setup: () => setUp(program, layout),
    threads: program.cpus.map((_, id) => thread(id)),
    after: ({ cpus, ground }: Context, results: readonly unknown[]): void => {
      const main = cpus[program.cpus.length]
      const outcome = { results: results.slice(0, program.cpus.length) as number[][], looks: [] as number[] }
      for (const fd of [...ground.sockets, ...opened(program, outcome.results)])
        for (const map of ground.maps) outcome.looks.push(finalLook(main, map, fd))
      for (const key of usesHash(program) ? KEYS : []) outcome.looks.push(lookUpKey(main, ground.hash, key))
      const text = JSON.stringify(outcome)
      const verdict = verdicts.get(text) ?? explained(program, outcome)
      verdicts.set(text, verdict)
      if (!verdict) throw new Error(`no order explains ${text}`)
      // A map that waits for a kworker that looked too early: no more than late.
      const wrong = deferredWorkPending(main) === 0 ? checkInvariants(main) : []
      if (wrong.length > 0) throw new Error(wrong.join('; '))
    },
  }
}

function setUp(program: HuntProgram, layout: number): Context {
  const { kind, before } = program
  const threads = program.cpus.length
  const bytes = (threads + 2 + (usesHash(program) ? 2 : 0)) * (24 << 10)
  const memory = createMemory({ cpus: threads + 1, bytes, maxFds: 16, redzones: true })
  const cpus = Array.from({ length: threads + 1 }, (_, id) => cpuOf(memory, id))
  if (layout !== 0) layOut(cpus, layout)
  for (const cpu of cpus) rcuOnline(cpu)
  const main = cpus[threads]
  const stays = mapCreate(main, HUNT_MAP)
  const maps = [mapCreate(main, HUNT_MAP), stays]
  const sockets = [openSocket(main, kind), openSocket(main, kind)]
  const beside = layOutBeside(main, program)
  fill(main, { maps, sockets }, before)
  return { cpus, ground: groundWith(main, program, maps, sockets, beside) }
}
