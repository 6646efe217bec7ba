import { expect, it } from 'vitest'
import { either, meant } from '../../src/command/words.ts'

const FLAGS = ['--cpus', '--sockets', '--seconds', '--seed', '--max-steps', '--max-executions', '--json']

it('lists choices as a sentence does', () => {
  expect(either(['a'])).toBe('a')
  expect(either(['a', 'b', 'c'])).toBe('a, b or c')
})

it.each([
  ['--cpu', '--cpus'],
  ['--sed', '--seed'],
  ['--jsno', '--json'],
  ['--socket', '--sockets'],
  ['--max-exec', '--max-executions'],
  ['--max_steps', '--max-steps'],
])('takes %s for a slip of %s', (got, choice) => {
  expect(meant(got, FLAGS)).toBe(choice)
})

it.each(['--threads', '-c', '--se', '--max-', '--sec-onds-of-time', ''])('lists all where %j may be any', (got) => {
  expect(meant(got, FLAGS)).toBe(either(FLAGS))
})

it('lists both where two are as near', () => {
  expect(meant('run1', ['run2', 'run3'])).toBe('run2 or run3')
})
