/**
 * Our own uses of plain accesses that race hold on every machine that is modelled; their mutants do not, which no
 * interleaving shows.
 */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { getBehindDelete, getsOfOneSlot } from '../../../props/scenarios/answers.ts'
import { arrayReaderAgainstMapFree } from '../../../props/scenarios/array-map.ts'
import { getAgainstDeleteOfOneSlot } from '../../../props/scenarios/cache-slots.ts'
import { hashLookupAgainstReplacement } from '../../../props/scenarios/hash-map.ts'
import { check } from '../../../src/explore/explore.ts'
import type { Edit } from '../../../src/explore/load/edits.ts'
import { loadInstrumented } from '../../../src/explore/load/load.ts'
import type { Scenario } from '../../../src/explore/scenario.ts'
import type * as uses from './our-uses.ts'

const FILE = 'test/explore/memory/our-uses.ts'
const NAMES: readonly (keyof typeof uses)[] = [
  'comingOnline',
  'quiescentState',
  'takingReference',
  'publishedOnce',
  'publishedNode',
  'unlinkedNode',
  'charging',
  'chargingAgain',
  'takingFirstReference',
]

async function scenarios(edits: readonly Edit[] = []): Promise<Record<string, Scenario<unknown>>> {
  const given = edits.map((edit) => ({ ...edit, file: resolve(edit.file ?? FILE) }))
  return (await loadInstrumented(resolve(FILE), { edits: given, raw: true })) as Record<string, Scenario<unknown>>
}

/** Whoever notifies comes to a list that others come to, and is ordered by it, though nobody sleeps there. */
const SILENT: Edit = {
  file: 'src/sync/grace-period.ts',
  from: '  Atomics.notify(cpu.words, cpu.base + PERCPU.quiescent)\n',
  to: '',
}
/** Where the notify hides what a mutant breaks. */
const silenced = (name: string): readonly Edit[] => (name === 'quiescentState' ? [SILENT] : [])

/** What it breaks, in which scenario; the file, what stands there and what stands there instead. */
const MUTANTS: readonly (readonly [string, keyof typeof uses, string, string, string])[] = [
  [
    'a hint for the load in rcuOnline',
    'comingOnline',
    'src/sync/quiescent-state.ts',
    '  Atomics.load(words, rcu + RCU.started)\n  words[base',
    '  look(words, rcu + RCU.started)\n  words[base',
  ],
  [
    'a plain load of the number that is reported',
    'quiescentState',
    'src/sync/rcu-callback.ts',
    'const started = Atomics.load(words, rcu + RCU.started)\n    runRipe',
    'const started = words[rcu + RCU.started]\n    runRipe',
  ],
  [
    'a plain store that publishes',
    'publishedNode',
    'src/sync/rcu.ts',
    '  Atomics.store(words, at, pointer)',
    '  words[at] = pointer',
  ],
  [
    'a hint for the dereference',
    'publishedNode',
    'src/sync/rcu.ts',
    '@explore deref words[at]',
    '@explore hint words[at]',
  ],
  [
    'a plain store that publishes once',
    'publishedOnce',
    'src/sync/cmpxchg.ts',
    '  return Atomics.compareExchange(words, at, expected, next)',
    '  const seen = words[at]\n  if (seen === expected) words[at] = next\n  return seen',
  ],
  [
    'a hint for the dereference',
    'publishedOnce',
    'src/sync/rcu.ts',
    '@explore deref words[at]',
    '@explore hint words[at]',
  ],
  [
    'a hint for the load of what tells of it',
    'unlinkedNode',
    FILE,
    'if (Atomics.load(words, FLAG) === 0)',
    'if (hintLoad(words, FLAG) === 0)',
  ],
  [
    'no look for sure before a charge is refused',
    'chargingAgain',
    'src/shared/sk-storage-elem.ts',
    '  if (size > limit || seen + size >= limit) seen = Atomics.load(words, at)\n',
    '',
  ],
  [
    'no look for sure before a reference is refused',
    'takingFirstReference',
    'src/sync/refcount.ts',
    '  if (seen <= 0 || seen === 0x7fff_ffff) seen = Atomics.load(words, count)\n',
    '',
  ],
]

/** Scenarios of the storage, with executions under arm. */
const STORAGE: readonly (readonly [unknown, number])[] = [
  [getBehindDelete, 14],
  [getsOfOneSlot, 4],
  [getAgainstDeleteOfOneSlot, 18],
  [arrayReaderAgainstMapFree, 22],
  [hashLookupAgainstReplacement, 5],
]

describe('our own uses under memory models', () => {
  it.each(NAMES)('%s holds under arm', async (name) => {
    for (const edits of name === 'quiescentState' ? [[], [SILENT]] : [[]]) {
      const result = check((await scenarios(edits))[name], { memory: 'arm', raw: true })
      expect(result).toMatchObject({ violation: null, exhaustive: true, memory: { loadBuffering: [] } })
      expect(result.executions).toBeGreaterThan(1)
    }
  })

  it('are told in docs/memory.md with their numbers of executions', () => {
    const rows = readFileSync('docs/memory.md', 'utf8').matchAll(/^\| `\w+` \| \d+ \| (\d+) \| [\d.]+ \|$/gm)
    expect([...rows].map(([, executions]) => Number(executions))).toEqual(STORAGE.map(([, executions]) => executions))
  })

  it.each(STORAGE)('a scenario of the storage holds under arm: %#', (scenario, executions) => {
    const result = check(scenario as Scenario<unknown>, { memory: 'arm' })
    expect(result).toMatchObject({ violation: null, exhaustive: true, executions })
  })

  it.each(MUTANTS)('%s: %s fails under arm alone', async (_, name, file, from, to) => {
    const scenario = (await scenarios([{ file, from, to }, ...silenced(name)]))[name]
    const clean = { violation: null, exhaustive: true }
    expect(check(scenario, { raw: true, detect: { dataRaces: false } })).toMatchObject(clean)
    expect(check(scenario, { raw: true, memory: 'x86' })).toMatchObject(clean)
    const result = check(scenario, { raw: true, memory: 'arm' })
    expect(result).toMatchObject({ violation: { kind: 'assertion' }, memory: { violates: 'arm' } })
  })
})
