import { expect, it } from 'vitest'
import { cpuOf } from '../../src/shared/cpu-of.ts'
import { fdClose } from '../../src/shared/fd-table.ts'
import { hashMapUpdateElem } from '../../src/shared/hash-map.ts'
import { checkInvariants } from '../../src/shared/invariants.ts'
import { mapCreate } from '../../src/shared/map.ts'
import { attach } from '../../src/shared/memory.ts'
import type { Sk, Value } from '../../src/shared/pointer.ts'
import { BPF_PROG, BTF, FILE, HASH_ELEM, HEADER, MAP, SELEM, SK_STORAGE, SOCK } from '../../src/shared/records.ts'
import { fdLookupElem, fdUpdateElem, skStorageDelete, skStorageGet } from '../../src/shared/sk-storage.ts'
import { rcuIsOnline, rcuOffline } from '../../src/sync/quiescent-state.ts'
import { COUNTER, expectOrder, house, MODES, mapOf, reading, settle, socket, storageMap } from './setting.ts'

/** A small memory with something of each kind in it, at rest, in a buffer that can be copied. */
function orderly(sanitize: boolean): ArrayBuffer {
  const here = house({ maxFds: 40, bytes: 1 << 20, sanitize, unshared: true })
  const { cpu } = here
  const hash = mapOf(cpu, mapCreate(cpu, { type: 1, keySize: 4, valueSize: 4, maxEntries: 2, flags: 0 }))
  hashMapUpdateElem(cpu, hash, Int32Array.of(1), 0, Int32Array.of(1), 0)
  const sockets = [socket(cpu), socket(cpu)]
  // More than slots, so that there is an overflow table.
  for (let i = 0; i < 18; i++) {
    const { map } = storageMap(cpu, COUNTER)
    for (const { fd } of sockets) {
      fdUpdateElem(cpu, map, fd, new Int32Array(2), 0)
      fdLookupElem(cpu, map, fd, new Int32Array(2), 0)
    }
  }
  expectOrder(here)
  for (const each of here.cpus) if (rcuIsOnline(each)) rcuOffline(each)
  return here.memory.buffer as ArrayBuffer
}

const BEGIN = 48

/** Values that a word is damaged to: near what it was, what other words hold, and what is far from everything. */
function damages(words: Int32Array, word: number): Set<number> {
  const was = words[word]
  const near = [was + 1, was - 16, was ^ (1 << 30), 0]
  const others = [HEADER.heap, HEADER.fds, HEADER.maps].map((other) => words[other])
  const far = [-1, 1, 0x7fff_ffff, words[words[HEADER.maps]]]
  return new Set([...near, ...others, ...far].map((value) => value | 0).filter((value) => value !== was))
}

/** What a map and a socket go through; every answer must be the one that an undamaged memory gives. */
function work(buffer: ArrayBuffer): string[] {
  const memory = attach(buffer)
  const cpus = [cpuOf(memory, 0), cpuOf(memory, 1)]
  const at = { memory, words: memory.words, cpus, cpu: cpus[0], other: cpus[1] }
  settle(at)
  const map = storageMap(at.cpu, COUNTER)
  const { fd, sk } = socket(at.cpu)
  expect([map.fd > 2, fd > 2, fd !== map.fd]).toEqual([true, true, true])
  expect(fdUpdateElem(at.cpu, map.map, fd, Int32Array.of(7, 0), 0)).toBe(0)
  expect(reading(at.cpu, () => at.words[skStorageGet(at.cpu, map.map, sk, null, 0)])).toBe(7)
  for (const each of [fd, map.fd]) expect(fdClose(at.cpu, each)).toBe(0)
  settle(at)
  return checkInvariants(at.cpu)
}

it.each(MODES)('one damaged word of the header is refused, reported or harmless ($mode)', ({ sanitize }) => {
  const good = orderly(sanitize)
  const words = new Int32Array(good, BEGIN)
  expect(work(good.slice(0))).toEqual([])
  const harmless = new Set<string>()
  const nameOf = (word: number) =>
    Object.entries(HEADER).findLast(([name, at]) => name !== 'SIZE' && at <= word)?.[0] ?? ''
  let refused = 0
  let reported = 0
  for (let word = 0; word < HEADER.SIZE; word++) {
    // Settings, for which any value is right.
    if (word === HEADER.optmemMax || word === HEADER.failslab) continue
    for (const value of damages(words, word)) {
      const copy = good.slice(0)
      new Int32Array(copy, BEGIN)[word] = value
      let wrong: string[]
      try {
        wrong = checkInvariants(cpuOf(attach(copy), 0))
      } catch (error) {
        expect(String(error)).toMatch(/^TypeError: attach: got .*, expected /)
        refused++
        continue
      }
      reported += wrong.length > 0 ? 1 : 0
      if (wrong.length > 0) continue
      harmless.add(nameOf(word))
      // Memory that counts as used is lost, and that is all.
      if (word === HEADER.brk && value > words[word]) continue
      expect([nameOf(word), value, work(copy)]).toEqual([nameOf(word), value, []])
    }
  }
  expect(refused).toBeGreaterThan(100)
  expect(reported).toBeGreaterThan(100)
  // A smaller or larger table in the same lines, more counted or spared than there is, and words that nothing is kept
  // in.
  const may = ['maxFds', 'fdHint', 'failslab', 'brk', 'nextMapId', 'nextBtfId', 'cacheUsage', 'places', 'cookies']
  expect([...harmless].filter((name) => !may.includes(name))).toEqual([])
})

it.each(MODES)('one damaged word anywhere else is walked over to an end ($mode)', ({ sanitize }) => {
  const good = orderly(sanitize)
  const words = new Int32Array(good, BEGIN)
  const copy = good.slice(0)
  const spoilt = new Int32Array(copy, BEGIN)
  const cpu = cpuOf(attach(copy), 0)
  let reported = 0
  for (let word = HEADER.SIZE; word < words[HEADER.brk]; word++) {
    const values = [words[HEADER.maps], -1, 0x7fff_ffff, words[HEADER.brk] - 16, word & -16]
    // Two of them, others from word to word; of what holds nothing few.
    if (words[word] === 0 && word % 7 !== 0) continue
    for (const value of [values[word % 5], values[(word + 1) % 5]]) {
      spoilt[word] = value
      if (checkInvariants(cpu).length > 0) reported++
    }
    spoilt[word] = words[word]
  }
  expect(checkInvariants(cpu)).toEqual([])
  expect(reported).toBeGreaterThan(1000)
})

it('what is stored through NULL is reported, wherever in a record it was to go', () => {
  const records = { SOCK, FILE, SK_STORAGE, SELEM, MAP, BTF, BPF_PROG, HASH_ELEM }
  for (const [name, record] of Object.entries(records))
    for (const [field, offset] of Object.entries(record)) {
      if (field === 'SIZE') continue
      const here = house()
      settle(here)
      here.words[0 + offset] += 0x1234
      expect([name, field, checkInvariants(here.cpu)]).toEqual([
        name,
        field,
        [
          expect.stringMatching(
            new RegExp(`^word ${offset} holds 4660, expected 0: something was stored through a NULL`),
          ),
        ],
      ])
    }
  const { cpu, words } = house()
  words[5] = -7
  expect(checkInvariants(cpu)).toEqual(['word 5 holds -7, expected 0: something was stored through a NULL pointer'])
  words[5] = 0
  words[HEADER.magic]++
  expect(checkInvariants(cpu)[0]).toMatch(/^the header is damaged: got magic number 0x534b5355, expected 0x534b5354/)
})

it('NULL is no socket: nothing is found there, made or deleted, and nothing changes', () => {
  for (const { sanitize } of MODES) {
    const here = house({ sanitize })
    const { cpu, words } = here
    const { map } = storageMap(cpu, COUNTER)
    settle(here)
    const before = words.slice(0, HEADER.SIZE)
    const answers = () => [
      skStorageGet(cpu, map, 0 as Sk, null, 0),
      ...(sanitize ? [] : [skStorageGet(cpu, map, 0 as Sk, null, 1), skStorageDelete(cpu, map, 0 as Sk)]),
    ]
    expect(reading(cpu, answers)).toEqual(sanitize ? [0 as Value] : [0, 0, -2])
    expect(words.slice(0, HEADER.SIZE)).toEqual(before)
    expectOrder(here)
  }
})
