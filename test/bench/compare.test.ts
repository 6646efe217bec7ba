import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const MAIN = fileURLToPath(new URL('../../dist/bench/main.js', import.meta.url))

/** Compares with the last commit, with a temp folder of its own: the answer, and what is left behind. */
function compare(...args: string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'sk-storage-test-'))
  const env = { ...process.env, TMPDIR: folder }
  const result = spawnSync(process.execPath, [MAIN, 'headline', '--quick', '--processes', '2', ...args], {
    encoding: 'utf8',
    env,
  })
  const left = readdirSync(folder).filter((name) => name.startsWith('sk-storage-compare-'))
  rmSync(folder, { recursive: true })
  const worktrees = execFileSync('git', ['worktree', 'list'], { encoding: 'utf8' })
  return { ...result, left, worktrees }
}

it('measures another revision beside this one and leaves no worktree behind', { timeout: 240_000 }, () => {
  const { status, stdout, left, worktrees } = compare('--compare', 'HEAD', '--case', 'sk-storage', '--json')
  expect(status).toBe(0)
  const lines = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(lines.map(({ event }) => event)).toEqual(['environment', 'compare'])
  expect(lines[1]).toMatchObject({ schema: 1, suite: 'headline', case: 'sk-storage', rev: 'HEAD', unit: 'ns' })
  expect(lines[1].here).toBeGreaterThan(0)
  expect(lines[1].there).toBeGreaterThan(0)
  expect(left).toEqual([])
  expect(worktrees).not.toContain('sk-storage-compare-')
})

it('leaves no worktree behind when the revision is one that can not be measured', { timeout: 120_000 }, () => {
  // The empty tree's commit has no sources at all.
  const tree = execFileSync('git', ['hash-object', '-t', 'tree', '/dev/null'], { encoding: 'utf8' }).trim()
  const author = { GIT_AUTHOR_NAME: 'a', GIT_AUTHOR_EMAIL: 'a@b', GIT_COMMITTER_NAME: 'a', GIT_COMMITTER_EMAIL: 'a@b' }
  const env = { ...process.env, ...author }
  execFileSync('git', ['hash-object', '-w', '-t', 'tree', '/dev/null'])
  const commit = execFileSync('git', ['commit-tree', tree, '-m', 'empty'], { encoding: 'utf8', env }).trim()
  const { status, stdout, stderr, left, worktrees } = compare('--compare', commit)
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
  expect(stderr).toMatch(/^bench: --compare: [0-9a-f]{8} can't be built: .+\n$/)
  expect(left).toEqual([])
  expect(worktrees).not.toContain('sk-storage-compare-')
})

it('refuses what is no revision', () => {
  const { status, stderr } = compare('--compare', 'no-such-revision')
  expect(status).toBe(2)
  expect(stderr).toBe("bench: --compare: got 'no-such-revision', expected a revision that git knows\n")
})
