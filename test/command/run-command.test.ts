import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, it } from 'vitest'

const built = (name: string) => fileURLToPath(new URL(`../../dist/src/command/${name}.js`, import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'run-command-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Runs a command with this body, in a process of its own. */
function run(body: string, shell = '') {
  const file = join(folder, 'command.mjs')
  writeFileSync(
    file,
    `import { runCommand } from ${JSON.stringify(built('run-command'))}
     import { UsageError } from ${JSON.stringify(built('usage-error'))}
     await runCommand('tool', async () => { ${body} })`,
  )
  const script = `${process.execPath} ${file} ${shell}`
  const { status, stdout, stderr } = spawnSync('bash', ['-o', 'pipefail', '-c', script], { encoding: 'utf8' })
  return { status, stdout, stderr: stderr.split('\n')[0] }
}

it('ends with the status that the body says', () => {
  expect(run('return 3')).toEqual({ status: 3, stdout: '', stderr: '' })
})

it('tells a UsageError in one sentence, and ends with 2', () => {
  expect(run("throw new UsageError('got this, expected that')")).toEqual({
    status: 2,
    stdout: '',
    stderr: 'tool: got this, expected that',
  })
})

it.each([
  ['thrown', "throw new Error('boom')"],
  [
    'thrown later',
    "setTimeout(() => { throw new Error('boom') }); await new Promise(() => setInterval(() => {}, 1e6))",
  ],
  ['rejected and forgotten', "Promise.reject(new Error('boom')); await new Promise(() => setInterval(() => {}, 1e6))"],
])('never takes what is %s for a finding: it ends with 4', (_, body) => {
  expect(run(body)).toEqual({ status: 4, stdout: '', stderr: 'tool: the command itself failed: Error: boom' })
})

it('says that it was cut off where nobody reads to the end', () => {
  const { status, stdout, stderr } = run(
    "for (;;) { process.stdout.write('line\\n'); await null; await new Promise(setImmediate) }",
    '| head -1',
  )
  expect({ status, stdout, stderr }).toEqual({ status: 4, stdout: 'line\n', stderr: '' })
})
