import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { objectBytes } from '../bpf/load/objects.ts'
import { onMachine } from './on-machine.ts'

const objectUrl = (name: string) => new URL(`../bpf/objects/${name}.bpf.o`, import.meta.url)

/** Packets of each CPU. */
const PACKETS = 20_000

describe('a machine loads an object file', () => {
  it('and has its programs and maps by name', async () => {
    await onMachine({ cpus: 2 }, async (machine) => {
      const { name, programs, maps, close } = machine.load(objectUrl('count'))
      expect([name, Object.keys(programs), Object.keys(maps)]).toEqual([
        'count',
        ['count', 'count_locked', 'atomics'],
        ['egress_cnt', 'totals', '.bss'],
      ])
      const infos = Object.values(maps).map(({ fd }) => machine.sys.mapInfo(fd))
      expect(infos.map((info) => [info.name, info.type, info.valueSize, info.maxEntries, info.lockOffset])).toEqual([
        ['egress_cnt', 24, 16, 0, 0],
        ['totals', 2, 8, 4, -1],
        ['count.bss', 2, 8, 1, -1],
      ])
      expect(new Set(infos.map(({ btfId }) => btfId)).size).toBe(1)
      close()
    })
  })

  it('and counts each packet under the lock, on all CPUs at once', async () => {
    await onMachine({ cpus: 2 }, async (machine) => {
      const { programs, maps, close } = machine.load(objectUrl('locked'))
      const sockets = machine.sockets(2)
      for (const fd of sockets) machine.sys.mapUpdate(maps.egress_cnt.fd, fd, new Int32Array(4))
      await machine.run(programs.locked, { sockets, packets: PACKETS, steer: 'all', context: { len: 7 } })
      const counted = sockets.map((fd) => maps.egress_cnt.read(fd))
      expect(counted.reduce((sum, value) => sum + (value!.cnt as number), 0)).toBe(2 * PACKETS)
      expect(counted.reduce((sum, value) => sum + (value!.bytes as bigint), 0n)).toBe(14n * BigInt(PACKETS))
      close()
    })
  })

  it('and counts in an array and a global variable, with atomic operations of eight bytes', async () => {
    await onMachine({ cpus: 2 }, async (machine) => {
      const { programs, maps, close } = machine.load(objectUrl('count'))
      const sockets = machine.sockets(1)
      machine.sys.mapUpdate(maps.egress_cnt.fd, sockets[0], new Int32Array(4))
      await machine.run(programs.count_locked, { sockets, packets: PACKETS, steer: 'all' })
      expect(maps.totals.read(1)).toEqual({ value: 2n * BigInt(PACKETS) })
      // The plain counter beside it may have lost some.
      expect(maps['.bss'].read()!.global_hits).toBeGreaterThan(0n)
      close()
    })
  })

  it('and calls functions, with constants, per-CPU values and hash maps', async () => {
    await onMachine({ cpus: 2 }, async (machine) => {
      const { programs, maps, close } = machine.load(objectUrl('calls'))
      const sockets = machine.sockets(1)
      const attached = machine.attach(programs.operations, { context: { op: 2 } })
      expect([...machine.programs.values()]).toMatchObject([{ name: 'operations', type: 'sock_ops' }])
      close()
      await attached.run({ sockets, packets: 100, cpus: 1 })
      const open = machine.load(objectUrl('calls'))
      await machine.run(open.programs.operations, { sockets, packets: 100, steer: 'all', context: { op: 2 } })
      expect(open.maps.per_cpu.read(1)).toEqual({ value: 200n })
      // table[2] was 3, and counts plainly on two CPUs.
      expect(open.maps['.data'].read()!['table[2]']).toBeGreaterThan(3n)
      expect(open.maps['.rodata'].read()).toEqual({ limit: 7 })
      expect(() => machine.sys.mapUpdate(open.maps['.rodata'].fd, 0, Int32Array.of(8))).toThrow('EPERM')
      expect(open.maps.by_number.read(Int32Array.of(1))).toMatchObject({ value: expect.any(BigInt) })
      open.close()
      attached.detach()
      expect(maps.per_cpu.name).toBe('per_cpu')
    })
  })

  it('or refuses it, in one sentence and with nothing left behind', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'objects-'))
    try {
      const file = join(folder, 'cut.bpf.o')
      writeFileSync(file, objectBytes('count').slice(0, 1000))
      await onMachine({ cpus: 1 }, async (machine) => {
        expect(() => machine.load(file)).toThrow(/^cut\.bpf\.o: got \d+ section headers at /)
        expect(() => machine.load(join(folder, 'none.bpf.o'))).toThrow('ENOENT')
      })
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
