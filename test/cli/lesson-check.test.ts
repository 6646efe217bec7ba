/** What readers hand in: files as the page writes them, and forged ones. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { Claim } from '../../lessons/claim.ts'
import { writeHandIn } from '../../lessons/hand-in.ts'
import { LESSONS } from '../../lessons/lesson-list.ts'
import { skStorage, skStorageInTurn } from './command.ts'

const SB = 'W%20x%201%3B%20R%20y%20%7C%20W%20y%201%3B%20R%20x'

const HONEST: Readonly<Record<string, Claim>> = {
  'lost-update': { link: 'lesson=lost-update&schedule=S0P1-S0', step: 1 },
  publish: { link: 'lesson=publish&broken=early-publish&schedule=S0-{11}S1--', step: 11 },
  litmus: { link: `lesson=litmus&program=${SB}`, expected: { ends: 'fine', outcomes: 3 } },
}

/** A forged claim, and what is told of it. */
const FORGED: Readonly<Record<string, readonly [Claim, RegExp]>> = {
  // A tick, and no steps.
  'lost-update': [{ link: 'lesson=lost-update' }, /^its 0 steps lead to another moment than the task asks for$/],
  // The steps of another lesson.
  cmpxchg: [{ link: 'lesson=lost-update&schedule=S0P1-S0', step: 1 }, /^its link leads to the lesson 'lost-update'$/],
  // The right steps and another answer.
  'spin-lock': [{ link: 'lesson=spin-lock&schedule=S0---', step: 2 }, /^step 2 is not the answer to 'Who looked/],
  // Code that is not broken does not break.
  publish: [{ link: 'lesson=publish&schedule=S0-{11}S1--', step: 11 }, /^its 15 steps lead to another moment/],
  // Steps that nobody can take.
  'grace-period': [
    { link: 'lesson=grace-period&schedule=S0-{40}', step: 7 },
    /^step \d+ can't be taken: CPU 0 has ended$/,
  ],
  'cache-slot': [
    { link: 'lesson=cache-slot&broken=inherited-pointer' },
    /^This link can’t be read: .* has no exhibit /,
  ],
  // No answer.
  'rcu-barrier': [
    { link: 'lesson=rcu-barrier&schedule=S1-P0---S1-S0.1------S0-' },
    /^the question after the task has no answer: /,
  ],
  museum: [
    { link: 'lesson=museum&program=D23&broken=D23&schedule=S0', foretold: 'leak' },
    /^(its 1 steps lead to|foretold was leak, and what is reported is|the execution has failed)/,
  ],
  // What it is not.
  'free-play': [
    { link: 'lesson=free-play&program=get%7Cget', expected: { ends: 'fine', outcomes: 4 } },
    /^it is otherwise$/,
  ],
  // What nobody has to think about.
  litmus: [
    { link: 'lesson=litmus&program=R%20x', expected: { ends: 'fine', outcomes: 1 } },
    /with 3 outcomes or more$/,
  ],
}

describe('sk-storage lesson-check', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lesson-check-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  const written = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }
  const handIn = (name: string, tasks: Readonly<Record<string, Claim>>) =>
    written(`${name}.json`, writeHandIn({ name, tasks: new Map(Object.entries(tasks)) }))

  it('steps what was handed in, and says which tasks are done', async () => {
    const { status, stdout, stderr } = await skStorage('lesson-check', handIn('Ada\u001b[2J', HONEST))
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    const [head, ...tasks] = stdout.trimEnd().split('\n')
    expect(head).toContain(`(Ada?[2J): 3 of ${LESSONS.length} tasks done`)
    expect(tasks).toEqual(
      LESSONS.map(({ id, title }, k) => `${`${k + 1}`.padStart(4)}  ${title}: ${id in HONEST ? 'done' : '-'}`),
    )
  })

  it('tells every forged task, and why, as lines of JSON too', async () => {
    const tasks = Object.fromEntries(Object.entries(FORGED).map(([id, [claim]]) => [id, claim]))
    const { status, stdout, stderr } = await skStorage('lesson-check', '--json', handIn('Eve', tasks))
    expect({ status, stderr }).toEqual({ status: 1, stderr: '' })
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(lines).toEqual([
      ...LESSONS.map(({ id, title }, k) => {
        const forged = FORGED[id]
        const said =
          forged === undefined
            ? { state: 'missing', why: '' }
            : { state: 'wrong', why: expect.stringMatching(forged[1]) }
        return { schema: 1, event: 'task', file: expect.any(String), number: k + 1, lesson: id, title, ...said }
      }),
      expect.objectContaining({ event: 'summary', name: 'Eve', done: 0, wrong: Object.keys(FORGED).length }),
    ])
  })

  it('says in a sentence what is no file of the page', async () => {
    const format = '"format": "sk-storage lessons 1", "name": ""'
    const given = [
      ['no JSON', 'done: all', 'expected JSON as the page writes it'],
      ['another format', '{"format":"x"}', 'expected "format": "sk-storage lessons 1"'],
      ['no name', '{"format":"sk-storage lessons 1","tasks":{}}', 'expected a name, or "" for nobody'],
      ['a list', `{${format}, "tasks": []}`, 'expected "tasks", by the names of lessons'],
      ['no such lesson', `{${format}, "tasks": {"x": {"link": ""}}}`, "there is no lesson 'x'"],
      ['no link', `{${format}, "tasks": {"aba": true}}`, "task 'aba': expected a link"],
      ['a step in words', `{${format}, "tasks": {"aba": {"link": "", "step": "2"}}}`, 'expected the number of a step'],
    ] as const
    const files = given.map(([name, text]) => written(`${name}.json`, text))
    const told = await skStorageInTurn([
      ...files.map((file) => ['lesson-check', file]),
      ['lesson-check'],
      ['lesson-check', join(folder, 'nowhere.json')],
      ['lesson-check', folder],
    ])
    expect(told.map(({ status, stdout }) => ({ status, stdout }))).toEqual(told.map(() => ({ status: 2, stdout: '' })))
    for (const [k, [, , why]] of given.entries()) expect(told[k].stderr).toContain(why)
    expect(told.at(-3)!.stderr).toContain('got no file, expected one that the page has written')
    expect(told.at(-2)!.stderr).toContain("nowhere.json', expected a file that exists")
    expect(told.at(-1)!.stderr).toContain('expected a file that may be read (EISDIR)')
  })
})
