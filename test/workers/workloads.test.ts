import { describe, expect, it } from 'vitest'
import { cpuOf } from '../../src/shared/cpu-of.ts'
import { fdClose } from '../../src/shared/fd-table.ts'
import { mapCreate, mapGet } from '../../src/shared/map.ts'
import { createMemory } from '../../src/shared/memory.ts'
import type { BpfMap } from '../../src/shared/pointer.ts'
import { fdUpdateElem } from '../../src/shared/sk-storage.ts'
import { bpfIterSkStorageMap } from '../../src/shared/sk-storage-iter.ts'
import { socketCreate } from '../../src/shared/socket.ts'
import { BPF_ANY } from '../../src/shared/update-flags.ts'
import { rcuOnline } from '../../src/sync/quiescent-state.ts'
import { createControl } from '../../src/workers/control.ts'
import { syscallsOf } from '../../src/workers/syscalls.ts'
import type { CallContext } from '../../src/workers/task.ts'
import { choosePlace, createActor, holdMap } from '../../src/workers/workloads/actor.ts'
import { CHURN } from '../../src/workers/workloads/churn.ts'
import { deleteElem, getElem, updateElem } from '../../src/workers/workloads/element-operations.ts'
import { runMix } from '../../src/workers/workloads/mix.ts'
import { mapOptions, socketOptions } from '../../src/workers/workloads/object-operations.ts'
import {
  createSlots,
  mapSlot,
  putFd,
  socketSlot,
  takeFd,
  ticketFd,
  ticketIn,
} from '../../src/workers/workloads/slots.ts'
import { closeTally } from '../../src/workers/workloads/tally.ts'
import { examineInPlace, patternFor } from '../../src/workers/workloads/value-pattern.ts'
import { loadValueTypes } from '../../src/workers/workloads/value-types.ts'

/** A CPU of a small memory, with a socket and a map in the slots of a directory. */
function setting(index = 0) {
  const memory = createMemory({ cpus: 2, bytes: 8 << 20, sanitize: true })
  const cpu = cpuOf(memory, 0)
  rcuOnline(cpu)
  const slots = createSlots(1, 1)
  const types = loadValueTypes(syscallsOf(cpu))
  const socket = socketCreate(cpu, socketOptions(0))
  const mapFd = mapCreate(cpu, mapOptions(index, false, types))
  const map = mapGet(cpu, mapFd) as BpfMap
  putFd(slots, socketSlot(0), socket)
  putFd(slots, mapSlot(slots, 0), mapFd)
  let looks = 0
  const context = {
    cpu,
    control: createControl(2),
    args: { slots, phase: 0, types },
    gang: 1,
    seed: 1,
    stopping: () => ++looks > 200,
  } as unknown as CallContext
  return { cpu, slots, socket, mapFd, map, context }
}

describe('a slot', () => {
  it('gives its descriptor to exactly one taker, and no ticket comes back soon', () => {
    const slots = createSlots(1, 1)
    const slot = socketSlot(0)
    const seen = new Set<number>()
    for (let i = 0; i < 1000; i++) {
      expect(putFd(slots, slot, 77)).toBe(true)
      expect(putFd(slots, slot, 78)).toBe(false)
      const ticket = ticketIn(slots, slot)
      expect(ticketFd(ticket)).toBe(77)
      seen.add(ticket)
      expect(takeFd(slots, slot, ticket)).toBe(true)
      expect(takeFd(slots, slot, ticket)).toBe(false)
      expect(ticketFd(ticketIn(slots, slot))).toBe(0)
    }
    expect(seen.size).toBe(1000)
  })
})

describe('a value of the workload', () => {
  it.each([0, 1])('shows when it was torn or is another map’s (map %i)', (index) => {
    const { cpu, map, socket } = setting(index)
    expect(fdUpdateElem(cpu, map, socket, patternFor(cpu, map, 0x1234), BPF_ANY)).toBe(0)
    let value = 0
    bpfIterSkStorageMap(cpu, map, (_cpu, _sk, found) => {
      value = found
      return false
    })
    const look = () => examineInPlace(cpu, map, value, false, 0)
    expect(look()).toBeUndefined()
    cpu.words[value + 3]++
    expect(look()).toMatch(/^torn value of map 1: got \d+ in word 3, expected \d+ as in the first$/)
    cpu.words[value + 3]--
    const lock = index === 0 ? 0 : -1
    for (let i = 0; i < 4; i++) if (i !== lock) cpu.words[value + i] = 9 << 16
    expect(look()).toBe('foreign value at map 1: got one of map 9 (modulo 65536)')
  })
})

describe('a mix', () => {
  it('finds nothing wrong on one CPU, and does the same again with the same seed', () => {
    const runs = [setting(), setting()].map(({ context }) => {
      const { seconds: _, ...report } = runMix(context, CHURN)
      return { report, counts: [...context.control] }
    })
    expect(runs[0].report).toMatchObject({ violations: 0, sentences: [] })
    expect(runs[0].counts.some((n) => n > 100)).toBe(true)
    expect(runs[1]).toEqual(runs[0])
  })

  it('tells a descriptor that is closed though nobody took it out of its slot', () => {
    const { cpu, context, socket, map, mapFd } = setting()
    const actor = createActor(context)
    choosePlace(actor, 1)
    fdClose(cpu, socket)
    for (const operation of [getElem, updateElem, deleteElem]) for (let i = 0; i < 9; i++) operation(actor, map)
    fdClose(cpu, mapFd)
    expect(holdMap(actor)).toBe(0)
    const { violations, sentences } = closeTally(actor.tally)
    expect(violations).toBeGreaterThanOrEqual(20)
    expect(sentences).toContain(
      `CPU 0: get at descriptor ${socket}: got EBADF, expected one of 0, ENOENT; the descriptor was open all the time`,
    )
  })
})
