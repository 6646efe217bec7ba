import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { MAX_PROG_MAPS } from '../../src/shared/bpf-prog.ts'
import { BTF_MAX_SIZE } from '../../src/shared/btf/object.ts'
import { MAX_CPUS } from '../../src/shared/layout.ts'
import { createMemory } from '../../src/shared/memory.ts'
import { CACHE_SIZE, HEADER, PLACES } from '../../src/shared/records.ts'
import { ELEM_CHARGE, STORAGE_CHARGE } from '../../src/shared/sk-storage-elem.ts'
import { MAX_VALUE_SIZE } from '../../src/shared/sk-storage-map.ts'

it('the limits in docs/semantics.md are those of the code', () => {
  const docs = readFileSync(new URL('../../docs/semantics.md', import.meta.url), 'utf8')
  const rows = docs
    .slice(docs.indexOf('## Limits'))
    .split('\n')
    .filter((line) => /^\| .*\d/.test(line))
    .map((line) => line.split('|').map((cell) => cell.trim()))
  const { words } = createMemory({ cpus: 1, bytes: 1 << 20, maxFds: 64, unshared: true })
  expect(rows.map(([, what, , ours]) => [what, Number(ours?.replace(/\D/g, ''))])).toEqual([
    ['value', MAX_VALUE_SIZE],
    ['charge of an element, 5.2', ELEM_CHARGE],
    ['charge of a storage, 5.2', STORAGE_CHARGE],
    ['`optmem_max` by default, 6.8', words[HEADER.optmemMax]],
    ['cache slots', CACHE_SIZE],
    ['maps found behind the slots without a walk', PLACES],
    ['BTF object', BTF_MAX_SIZE],
    ['name', 15],
    ['maps of one program', MAX_PROG_MAPS],
    ['CPUs, the kworker and the main thread included', MAX_CPUS],
    ['memory', 2 ** 33],
  ])
})
