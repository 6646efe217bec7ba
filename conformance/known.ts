/**
 * The known differences: where the running kernel and our machine, which models Linux 5.2, are both right.
 *
 * This table is reviewed. A row explains a difference only where it must occur: it computes from what both sides hold
 * whether this kernel has to answer as it did. Where the difference leaves the two in different states, the row brings
 * ours to the kernel's.
 */

import type { Ours } from './ours.ts'
import { chargeOf, OUR_SIZES, type Sizes } from './sizes.ts'

/** A command, both answers, and what held before it. */
export interface Scene {
  readonly words: readonly string[]
  readonly line: string
  readonly kernel: string
  readonly ours: string
  readonly machine: Ours
  /** What this kernel charges. */
  readonly sizes: Sizes
  /** The kernel's optmem_max, and what it had charged to the command's socket. */
  readonly kernelLimit: number
  readonly kernelOmem: number
  /** What the command's map had at its socket on our side. */
  readonly old: string | undefined
  /** Value sizes of the elements that the socket had on our side. */
  readonly had: readonly number[]
}

export interface KnownDifference {
  readonly id: string
  /** The version and commit that changed it, or what else makes the difference. */
  readonly since: string
  readonly what: string
  /** Whether this is it; brings our machine to the kernel's state if so. */
  explains(scene: Scene): boolean
}

const ENOMEM = 'err 12'
const isUpdate = ({ words }: Scene) => words[0] === 'update'
const createsByProgram = ({ words }: Scene) => words[0] === 'prog' && words[1] === 'get' && words[4] === '1'

/** The map and the socket of a command that may add an element. */
export function target(words: readonly string[]): [map: string, sock: string] | undefined {
  if (words[0] === 'update') return [words[1], words[2]]
  if (words[0] === 'prog') return [words[2], words[3]]
  return undefined
}

function valueSize(scene: Scene): number {
  return scene.machine.valueSize(target(scene.words)![0]) ?? 0
}

/** Whether one more element fits, by the kernel's numbers and by ours. */
function fits(scene: Scene): { kernel: boolean; ours: boolean } {
  const size = valueSize(scene)
  const kernel = scene.kernelOmem + chargeOf(scene.sizes, [size]) - (scene.kernelOmem > 0 ? scene.sizes.storage : 0)
  const ours = chargeOf(OUR_SIZES, [...scene.had, size])
  return { kernel: kernel < scene.kernelLimit, ours: ours < scene.machine.limit() }
}

/** A value in hexadecimal with zeroes for the lock at byte `at`, if that is one. */
function maskAt(hex: string, at: number): string {
  return at < 0 || hex.length < at * 2 + 8 ? hex : `${hex.slice(0, at * 2)}00000000${hex.slice(at * 2 + 8)}`
}

/** "m0=HEX" with zeroes for the lock of map m0's values. */
function maskLock(entry: string, machine: Ours): string {
  const [map, hex] = entry.split('=') as [string, string?]
  if (hex === undefined) return entry
  return `${map}=${maskAt(hex, Math.max(machine.lockOffset(map), machine.nestedLock(map)))}`
}

/** Values in an answer ("HEX", "s0=HEX") with zeroes for the lock at byte `at`. */
function maskValues(answer: string, at: number): string {
  const mask = (word: string) => {
    const [name, hex] = word.includes('=') ? (word.split('=') as [string, string]) : ['', word]
    return name === '' && !/^([0-9a-f]{2}){4,}$/.test(hex) ? word : `${name}=${maskAt(hex, at)}`
  }
  return answer.split(' ').map(mask).sort().join(' ')
}

/** A dump with zeroes for locks, in an order of its own. */
function maskDump(answer: string, machine: Ours): string {
  const masked = answer.split(/[ ,]/).map((entry) => maskLock(entry, machine))
  return masked.sort().join(' ')
}

/** "s0:1,m1=HEX,..." as it is read from a nest whose length has 16 bits. */
function wrapSocket(entry: string): string {
  const [socket, ...storages] = entry.split(',') as [string, ...string[]]
  // A storage is a nest too: of the map's id, and of the value.
  const sizes = storages.map((text) => 4 + 8 + ((4 + (text.length - text.indexOf('=') - 1) / 2 + 3) & ~3))
  const total = sizes.reduce((sum, size) => sum + size, 4)
  let left = total > 0xffff ? (total & 0xffff) - 4 : total
  const shown = storages.filter((_, i) => {
    const found = sizes[i] <= left
    left = found ? left - sizes[i] : 0
    return found
  })
  return [socket, ...shown].join(',')
}

export const KNOWN_DIFFERENCES: readonly KnownDifference[] = [
  {
    id: 'charge-sizes',
    since: 'Linux 6.3, 552d42a356eb "Reduce smap->elem_size", and later growth of the storage',
    what: 'a socket is charged 72 bytes for an element besides its value, and 176 for the storage, instead of 128 and 168',
    explains({ words, kernel, machine, sizes }) {
      if (words[0] !== 'omem') return false
      return kernel === `ok ${chargeOf(sizes, machine.valueSizes(words[1]))}`
    },
  },
  {
    id: 'charge-decides',
    since: 'as charge-sizes',
    what: 'by its own numbers one side has room for one more element and the other has not',
    explains(scene) {
      const { words, kernel, ours, machine, line } = scene
      const refused = (answer: string) => answer === (createsByProgram(scene) ? 'ok null' : ENOMEM)
      if (!(isUpdate(scene) || createsByProgram(scene)) || scene.old !== undefined) return false
      if (refused(kernel) === refused(ours)) return false
      const room = fits(scene)
      if (room.kernel !== !refused(kernel) || room.ours !== !refused(ours)) return false
      if (refused(kernel)) machine.run(`delete ${target(words)!.join(' ')}`)
      else return machine.unlimited(() => machine.run(line)) === kernel
      return true
    },
  },
  {
    id: 'charge-before-look',
    since: 'Linux 6.6, a96a44aba556',
    what: 'update makes and charges the new element before it looks for an old one under the lock, so near the limit -ENOMEM comes before -EEXIST and -ENOENT, and a replacement needs room for both',
    explains(scene) {
      const { words, kernel, ours, machine, old } = scene
      if (!isUpdate(scene) || kernel !== ENOMEM || scene.had.length === 0) return false
      if (fits(scene).kernel) return false
      if (ours === 'err 17' || ours === 'err 2') return true
      if (ours !== 'ok' || old === undefined) return false
      return machine.unlimited(() => machine.run(`update ${words[1]} ${words[2]} ${old} 0`)) === 'ok'
    },
  },
  {
    id: 'charge-decides-accept',
    since: 'as charge-sizes',
    what: 'by its own numbers one side may charge the child for what it inherits and the other may not',
    explains({ words, kernel, ours, machine, sizes, kernelLimit, line }) {
      if (words[0] !== 'accept' || (kernel === 'ok') === (ours === 'ok')) return false
      const inherited = machine.valueSizes(words[2], true)
      const fitsKernel = chargeOf(sizes, inherited) < kernelLimit
      const fitsOurs = chargeOf(OUR_SIZES, inherited) < machine.limit()
      if (kernel === 'err 11' && ours === 'ok' && !fitsKernel && fitsOurs)
        return machine.run(`close ${words[1]}`) === 'ok'
      if (kernel !== 'ok' || ours !== ENOMEM || !fitsKernel || fitsOurs) return false
      return machine.unlimited(() => machine.run(line)) === 'ok'
    },
  },
  {
    id: 'connection-dropped',
    since: 'design: we have no network',
    what: 'a child that cannot be charged is dropped when the connection is made, so accept finds none waiting (-EAGAIN); ours is made by accept itself (-ENOMEM)',
    explains: ({ words, kernel, ours }) => words[0] === 'accept' && kernel === 'err 11' && ours === ENOMEM,
  },
  {
    id: 'charge-decides-test-run',
    since: 'as charge-sizes',
    what: 'by its own numbers one side has room for an element on the dummy socket of a test run and the other has not',
    explains({ words, machine, sizes, kernelLimit }) {
      const size = machine.valueSize(words[1] ?? '')
      if (words[0] !== 'testrun' || size === undefined) return false
      return chargeOf(sizes, [size]) < kernelLimit !== chargeOf(OUR_SIZES, [size]) < machine.limit()
    },
  },
  {
    id: 'lock-bytes-in-dump',
    since: 'Linux 5.7, 1ed4d92458a9; still so in 6.18',
    what: 'sock_diag does not write the four bytes of a bpf_spin_lock, so they hold what was in that memory before; ours are 0',
    explains: ({ words, kernel, ours, machine }) =>
      words[0] === 'dump' && maskDump(kernel, machine) === maskDump(ours, machine),
  },
  {
    id: 'attribute-wraps',
    since: 'Linux 5.7, 1ed4d92458a9; still so in 6.18',
    what: "the length of a netlink attribute has 16 bits: where one socket's storages take more, the length wraps and what lies behind it is not found; ours are all there",
    explains({ words, kernel, ours, machine }) {
      if (words[0] !== 'dump') return false
      const wrapped = ours.split(' ').map(wrapSocket).join(' ')
      return wrapped !== ours && maskDump(kernel, machine) === maskDump(wrapped, machine)
    },
  },
  {
    id: 'no-user-memory',
    since: 'design: values are given, not addresses',
    what: 'a value that is too short is -EFAULT where reading it leaves what the process may read; ours is -EINVAL',
    explains: ({ words, kernel, ours }) => words[0] === 'update' && kernel === 'err 14' && ours === 'err 22',
  },
  {
    id: 'locks-refused-at-load',
    since: 'Linux 6.2',
    what: 'a struct with two locks (-E2BIG), or with one that is not aligned (-EFAULT), is refused when its BTF is loaded; ours when a map is made with it (-EINVAL)',
    explains({ words, kernel, ours, machine }) {
      if (words[0] !== 'btf' || ours !== 'ok') return false
      return kernel === `err ${machine.badLocks(words[1])}` && machine.run(`close ${words[1]}`) === 'ok'
    },
  },
  {
    id: 'nested-lock',
    since: 'Linux 6.11',
    what: 'a bpf_spin_lock in a nested struct, or in an array of one, is the lock of the value; in 5.2 its bytes are like any others',
    explains(scene) {
      const { words, kernel, ours, machine } = scene
      const [command, first] = words as [string, string]
      const at = machine.nestedLock(command === 'prog' ? words[2] : first)
      if (at < 0 || !['update', 'lookup', 'lookdel', 'prog', 'iter'].includes(command)) return false
      const locks = ours === 'err 22' && ['update', 'lookup', 'lookdel'].includes(command)
      // What ours would have said without BPF_F_LOCK, which is the last word of these.
      const unlocked = [...words.slice(0, -1), `${Number(words.at(-1)) & ~4}`]
      const answer = locks ? machine.run(unlocked.join(' ')) : ours
      if (maskValues(kernel, at) === maskValues(answer, at)) return true
      // And that may differ for a reason of its own, as near the limit.
      if (!locks) return false
      const beneath = { ...scene, words: unlocked, line: unlocked.join(' '), ours: answer }
      return KNOWN_DIFFERENCES.some((row) => row.id !== this.id && row.explains(beneath))
    },
  },
  {
    id: 'permission-later',
    since: 'Linux 6.x: the check moved from the map type to the creation of maps',
    what: 'a process without capabilities that asks for a value too large is told -E2BIG, in 5.2 -EPERM',
    explains: ({ words, kernel, ours, machine }) =>
      words[0] === 'map' && !machine.isCapable() && kernel === 'err 7' && ours === 'err 1',
  },
]
