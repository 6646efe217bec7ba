/**
 * How scenarios are loaded that look beneath the tags of locks, grace periods and the allocator. They spread it; the
 * command loads them so, and mutation/ground.ts as well.
 */

/** Waiters sleep at once: a loop that only looks some times before it does would multiply the traces. */
const AT_ONCE = [
  { file: 'src/sync/lock-word.ts', from: 'const SPINS = 100', to: 'const SPINS = 0' },
  { file: 'src/sync/grace-period.ts', from: 'const SPINS = 200', to: 'const SPINS = 0' },
]

/** Or after one look. */
const AFTER_ONE = AT_ONCE.map((edit) => ({ ...edit, to: edit.to.replace('= 0', '= 1') }))

/** The allocator's own traffic, which its tags hide: explored as any code. Lines stay where they are. */
const ALLOCATOR_EXPLORED = [
  { from: ' * @explore alloc cpu.words[result] size=size kind=KIND_NAMES[kind]\n', to: ' *\n' },
  { from: ' * @explore free cpu.words[object] body=skip\n', to: ' *\n' },
  { from: ' * @explore arena words[words[HEADER.heap]] to=words[HEADER.heapEnd]\n', to: ' *\n' },
].map((edit) => ({ ...edit, file: 'src/shared/slab.ts' }))

/** With the implementation of locks and grace periods. */
export const RAW = { raw: true }

/** And with waiters that sleep at once. */
export const RAW_AT_ONCE = { ...RAW, edits: AT_ONCE }

/** And with waiters that look once before they sleep. */
export const RAW_WITH_A_LOOK = { ...RAW, edits: AFTER_ONE }

/** And with the allocator's own loads and stores. */
export const RAW_TO_THE_ALLOCATOR = { ...RAW, edits: [...AT_ONCE, ...ALLOCATOR_EXPLORED] }

/** As it is, but for walks over maps: they show one element in a batch. */
export const IN_BATCHES_OF_ONE = {
  raw: false,
  edits: [{ file: 'src/shared/sk-storage-iter.ts', from: 'const BATCH = 64', to: 'const BATCH = 1' }],
}
