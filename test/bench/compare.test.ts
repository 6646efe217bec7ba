import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { LONG, shareOf } from '../share.ts'

const MAIN = fileURLToPath(new URL('../../dist/bench/main.js', import.meta.url))

/** Compares with the last commit, with a temp folder of its own: the answer, and what is left behind. */
function compare(...args: string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'sk-storage-test-'))
  const env = { ...process.env, TMPDIR: folder }
  const result = spawnSync(process.execPath, [MAIN, 'headline', '--quick', '--processes', '2', ...args], {
    encoding: 'utf8',
    env,
  })
  const left = readdirSync(folder).filter((name) => name.startsWith('sk-storage-tree-'))
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
  expect(lines[0].from).toMatch(/^Of HEAD \([0-9a-f]{8}\) is all but bench and props, which are this tree's/)
  expect(lines[1].here).toBeGreaterThan(0)
  expect(lines[1].there).toBeGreaterThan(0)
  expect(lines[1].values.here).toHaveLength(2)
  expect(lines[1].values.there).toHaveLength(2)
  expect(left).toEqual([])
  expect(worktrees).not.toContain('sk-storage-tree-')
})

it('leaves no worktree behind when the revision is one that can not be measured', () => {
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
  expect(worktrees).not.toContain('sk-storage-tree-')
})

it('refuses what is no revision', () => {
  const { status, stderr } = compare('--compare', 'no-such-revision')
  expect(status).toBe(2)
  expect(stderr).toBe("bench: --compare: got 'no-such-revision', expected a revision that git knows\n")
})

const LOOKUP = (to: string) => `--- a/src/shared/sk-storage-lookup.ts
+++ b/src/shared/sk-storage-lookup.ts
@@ -1,2 +1,2 @@
   const storage = dereference(words, sk + SOCK.storage)
-  if (storage === 0) return 0 as Sdata
+  ${to}
`

// One real build each run, the other revision's, is enough: those of a variant and of what is ended are LONG's.
it.runIf(LONG)('measures a variant beside this tree, which are not the same', { timeout: 240_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'sk-storage-variant-'))
  try {
    writeFileSync(join(folder, 'x.patch'), LOOKUP('if (storage !== 0) return 0 as Sdata'))
    const { status, stderr, left } = compare('--edits', folder, '--case', 'sk-storage')
    // Its lookups find nothing, which the case notices: so it is the patched one that was measured.
    expect(stderr).toMatch(/^bench: --edits: today's headline does not run there: .*expected/)
    expect({ status, left }).toEqual({ status: 2, left: [] })
  } finally {
    rmSync(folder, { recursive: true })
  }
})

const main = (path: string) => fileURLToPath(new URL(`../../dist/${path}`, import.meta.url))

const takesEdits: [name: string, command: string[]][] = [
  ['bench', [MAIN, 'headline']],
  ['hunt', [main('props/hunt/main.js')]],
  ['conformance', [main('conformance/main.js')]],
]

it.each(shareOf('commands that take patches', takesEdits, 1))(
  '%s refuses patches that do not fit, by name',
  (name, [script, ...args]) => {
    const folder = mkdtempSync(join(tmpdir(), 'sk-storage-variant-'))
    const refused = () =>
      spawnSync(process.execPath, [script, ...args, '--edits', folder], { encoding: 'utf8', timeout: 600_000 })
    try {
      expect(refused()).toMatchObject({
        status: 2,
        stdout: '',
        stderr: `${name}: --edits: got ${folder}, expected a folder with a patch of a file in it (*.patch or *.diff)\n`,
      })
      writeFileSync(join(folder, 'x.patch'), LOOKUP('return 0').replace('SOCK.storage', 'SOCK.sotrage'))
      expect(refused().stderr).toMatch(
        /^\w+: --edits: the edit no longer fits .*sk-storage-lookup.ts: it doesn't contain .*sotrage/,
      )
      writeFileSync(join(folder, 'x.patch'), LOOKUP('return 0').replaceAll('lookup.ts', 'look-up.ts'))
      expect(refused().stderr).toBe(
        `${name}: --edits: got an edit of 'src/shared/sk-storage-look-up.ts', expected a file that is there: src/shared/sk-storage-lookup.ts\n`,
      )
    } finally {
      rmSync(folder, { recursive: true })
    }
  },
)

it('leaves nothing of a tree behind when its command is ended by SIGTERM', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sk-storage-test-'))
  const program = `import { mkdirSync, writeFileSync } from 'node:fs'
import { withTree } from ${JSON.stringify(new URL('../../dist/src/command/tree.js', import.meta.url).href)}
const fill = (tree) => (mkdirSync(tree), writeFileSync(tree + '/source.ts', ''))
await withTree(fill, () => new Promise(() => setInterval(() => console.log('filled'), 50)))`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    env: { ...process.env, TMPDIR: folder },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  await once(child.stdout, 'data')
  expect(readdirSync(folder)).toHaveLength(1)
  child.kill('SIGTERM')
  expect(await ended).toEqual([130, null])
  expect(readdirSync(folder)).toEqual([])
  rmSync(folder, { recursive: true })
})

it.runIf(LONG)('leaves nothing behind when it is ended by SIGTERM while it measures', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sk-storage-test-'))
  const child = spawn(process.execPath, [MAIN, 'headline', '--compare', 'HEAD', '--case', 'sk-storage'], {
    env: { ...process.env, TMPDIR: folder },
  })
  const sample = join('tree', 'dist', 'bench', 'sample.js')
  const isBuilt = () => readdirSync(folder).some((name) => existsSync(join(folder, name, sample)))
  while (!isBuilt()) await new Promise((resolve) => setTimeout(resolve, 100))
  child.kill('SIGTERM')
  expect(await once(child, 'exit')).toEqual([130, null])
  expect(readdirSync(folder)).toEqual([])
  rmSync(folder, { recursive: true })
})
