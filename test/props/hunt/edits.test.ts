/**
 * A hunt of a variant: what a job of it explores has the edits, and what it finds is replayed with them.
 */

import { fork } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, it } from 'vitest'
import type { Failure } from '../../../props/hunt/failure.ts'
import type { Job, Tally, Word } from '../../../props/hunt/job.ts'

const JOB = fileURLToPath(new URL('../../../dist/props/hunt/job.js', import.meta.url))
const SCENARIO = new URL('../../../props/hunt/scenario.ts', import.meta.url).href
const EDITED = 'src/shared/sk-storage-elem.ts'
const folder = mkdtempSync(join(tmpdir(), 'hunt-edits-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Explores one program of this seed, in which a socket is closed and a descriptor's element deleted. */
function explored(edits: string | undefined): Promise<{ tally: Tally | undefined; failures: readonly Failure[] }> {
  const job: Job = {
    ...{ on: 'explorer', cpus: 2, seed: 3, first: 2, step: 1, most: 1, out: join(folder, 'found') },
    ...{ storage: SCENARIO, edits, until: Number.MAX_SAFE_INTEGER },
  }
  const child = fork(JOB)
  const failures: Failure[] = []
  let tally: Tally | undefined
  child.on('message', (word: Word) => {
    if ('tally' in word) tally = word.tally
    else if ('failure' in word) failures.push(word.failure)
  })
  child.send(job)
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', () => resolve({ tally, failures }))
  })
}

it('finds a bug that a patch plants, in one program, and nothing in the same program without', async () => {
  const unlinks = ['  selemUnlinkMap(cpu, selem)', '  selemUnlinkSk(cpu, selem)']
  const source = readFileSync(new URL(`../../../${EDITED}`, import.meta.url), 'utf8')
  expect(source).toContain(unlinks.join('\n'))
  const hunk = `--- a/${EDITED}\n+++ b/${EDITED}\n@@ -1,2 +1,1 @@\n-${unlinks[0]}\n ${unlinks[1]}\n`
  writeFileSync(join(folder, 'planted.patch'), hunk)
  const [plain, planted] = await Promise.all([explored(undefined), explored(folder)])
  expect(plain).toMatchObject({ tally: { programs: 1 }, failures: [] })
  expect(planted.tally).toMatchObject({ programs: 1, whole: 0 })
  expect(planted.failures).toHaveLength(1)
  const [{ message, replay }] = planted.failures
  expect(message).toMatch(/^assertion: element \d+ is on a bucket but on the list of no open socket/)
  expect(replay).toContain('#edits=')
})
