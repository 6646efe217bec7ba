import { expect, it } from 'vitest'
import { KernelBug } from '../../src/sync/kernel-bug.ts'

it('is an Error that names the broken rule, for tests and reports to go by', () => {
  const bug = new KernelBug('double-lock', 'CPU 1 takes the lock at word 2')
  expect(bug).toBeInstanceOf(Error)
  expect(bug.code).toBe('double-lock')
  expect(String(bug)).toBe('KernelBug: CPU 1 takes the lock at word 2')
  expect(bug.stack).toContain('kernel-bug.test.ts')
})
