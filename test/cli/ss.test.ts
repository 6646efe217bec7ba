import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { storageText } from '../../src/cli/ss-text.ts'
import { struct, u32 } from '../../src/shared/btf/btf.ts'
import { mapBtf } from '../../src/shared/btf/emit.ts'
import { events, HANG, skStorage, skStorageInTurn, start } from './command.ts'

/** Sends the same again and again. */
function endlessly(bytes: Buffer): (socket: Socket) => void {
  return (socket) => {
    const more = () => {
      while (socket.write(bytes));
    }
    socket.on('drain', more)
    more()
  }
}

describe('sk-storage ss', { timeout: HANG }, () => {
  it('shows sockets with their storages below, printed by their BTF', async () => {
    const { status, stdout } = await skStorage('ss', '-ta', '--bpf-maps', '--demo')
    expect(status).toBe(0)
    const [heading, ...lines] = stdout.split('\n')
    expect(heading).toBe('State  Recv-Q Send-Q Local Address:Port Peer Address:Port')
    expect(lines.slice(0, 9)).toEqual([
      'LISTEN 0      0      127.0.0.1:8080     0.0.0.0:*',
      '\tmap_id:2 [',
      '\t\t(struct conn){',
      '\t\t\t.state = (__u32)1,',
      '\t\t\t.lock = (struct bpf_spin_lock){',
      '\t\t\t\t.val = (__u32)0,',
      '\t\t\t},',
      '\t\t}',
      '\t]',
    ])
  })

  it('shows one map, and one line for each socket', async () => {
    const { stdout } = await skStorage('ss', '-t', '-O', '--bpf-map-id', '0x1', '--demo')
    expect(stdout.split('\n').slice(1)).toEqual([
      'ESTAB 0      0      127.0.0.1:8080     0.0.0.0:* map_id:1(struct counter){.cnt = (__u32)1000,}',
      'ESTAB 0      0      127.0.0.1:40000    127.0.0.1:8080 map_id:1(struct counter){.cnt = (__u32)1000,}',
      'ESTAB 0      0      [::1]:40001        [::1]:8081 map_id:1(struct counter){.cnt = (__u32)1000,}',
      '',
    ])
  })

  it('shows UDP sockets without storages, as inet_diag does', async () => {
    const shown = events(await skStorage('ss', '-ua', '--bpf-maps', '--json', '--demo'))
    expect(shown).toMatchObject([{ schema: 1, event: 'socket', type: 'dgram', local: '127.0.0.1:5353', storages: [] }])
  })

  const refused: [flags: string[], sentence: string][] = [
    [['--bpf-map-id', 'zz'], 'invalid BPF map ID zz'],
    [['--bpf-map-id', '0'], 'invalid BPF map ID 0'],
    [['--bpf-map-id', '9'], 'cannot get fd for BPF map ID 9'],
    [['--bpf-map-id', '3'], "BPF map with ID 3 has type ID 1, expecting 24 ('sk_storage')"],
    [['--bpf-maps', '--bpf-map-id', '1'], '--bpf-maps and --bpf-map-id cannot be used together'],
  ]
  it('refuses what names no storage map, in one sentence', async () => {
    const all = await skStorageInTurn(refused.map(([flags]) => ['ss', '--demo', ...flags]))
    expect(all.map(({ status, stderr }) => [status, stderr])).toEqual(
      refused.map(([, sentence]) => [2, `sk-storage ss: ${sentence}\n`]),
    )
  })

  it('shows 32 maps and says which are beyond', async () => {
    const ids = Array(34).fill(['--bpf-map-id', '1']).flat() as string[]
    const { status, stdout, stderr } = await skStorage('ss', '-O', '--demo', ...ids)
    expect([status, stdout.includes('map_id:1(struct counter)')]).toEqual([0, true])
    const sentence = 'sk-storage ss: too many (> 32) BPF socket-local storage maps found, skipping map ID 1\n'
    expect(stderr).toBe(sentence.repeat(2))
  })

  it('prints the values of maps that workers make, also of those that are gone a moment later', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ss-'))
    const path = join(folder, 'socket')
    const { child, ended } = start('run', '--seconds', '20', '--cpus', '2', '--sockets', '64', '--listen', path)
    try {
      let text = ''
      while (!/\(struct locked\)/.test(text) || !/\(struct plain\)/.test(text)) {
        const { stdout, stderr } = await skStorage('ss', '-a', '--bpf-maps', '--connect', path)
        if (stderr !== '') expect(stderr).toMatch(/expected a socket on which run --listen answers|too many \(> 32\)/)
        else expect(stdout).not.toContain('failed to fetch info')
        text += stdout
      }
    } finally {
      child.kill('SIGKILL')
      await ended
      rmSync(folder, { recursive: true })
    }
  })

  it('prints the values of 32 maps that were not named, and says which are beyond', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ss-'))
    const path = join(folder, 'socket')
    const { child, ended } = start('run', '--seconds', '20', '--cpus', '2', '--maps', '200', '--listen', path)
    try {
      let asked = await skStorage('ss', '-a', '--bpf-maps', '--connect', path)
      while (!asked.stderr.includes('too many')) asked = await skStorage('ss', '-a', '--bpf-maps', '--connect', path)
      const ids = (text: string, pattern: RegExp) => new Set([...text.matchAll(pattern)].map(([, id]) => id))
      expect(ids(asked.stdout, /map_id:(\d+) \[/g).size).toBe(32)
      const skipped = ids(asked.stderr, /found, skipping map ID (\d+)/g)
      expect(ids(asked.stdout, /map_id: (\d+) failed to fetch info, skipping/g)).toEqual(skipped)
    } finally {
      child.kill('SIGKILL')
      await ended
      rmSync(folder, { recursive: true })
    }
  })

  it.each([
    ['closes the connection', (socket: Socket) => socket.end(), 'where the process at the other end went away'],
    [
      'talks of something else',
      (socket: Socket) => socket.write('hello\n'),
      'where something else answers, expected run --listen',
    ],
    ['is silent', () => {}, 'where nothing is said for 10 s, expected run --listen'],
    [
      'sends a line without an end',
      endlessly(Buffer.alloc(1 << 20, 'x')),
      'where something else answers, expected run --listen',
    ],
    [
      'sends lines without an end',
      endlessly(Buffer.from('{"event":"socket"}\n'.repeat(10_000))),
      'where something else answers, expected run --listen',
    ],
  ])('says so when whoever listens %s', async (_, answer, sentence) => {
    const folder = mkdtempSync(join(tmpdir(), 'ss-'))
    const path = join(folder, 'socket')
    const server = createServer((socket) => {
      socket.on('error', () => socket.destroy())
      answer(socket)
    })
    try {
      await new Promise<void>((resolve) => server.listen(path, resolve))
      const { status, stderr } = await skStorage('ss', '--connect', path)
      expect([status, stderr]).toEqual([2, `sk-storage ss: --connect: got ${path}, ${sentence}\n`])
    } finally {
      server.close()
      rmSync(folder, { recursive: true })
    }
  })

  it('asks a machine in another process, and says where there is none', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ss-'))
    const path = join(folder, 'socket')
    const { child, ended } = start(
      'run',
      '--workload',
      'egress',
      '--seconds',
      '20',
      '--cpus',
      '1',
      '--sockets',
      '3',
      '--stats',
      '--listen',
      path,
    )
    try {
      let asked = await skStorage('ss', '-ta', '-O', '--bpf-maps', '--connect', path)
      expect(asked.stderr === '' || asked.stderr.includes('expected a socket on which run --listen answers')).toBe(true)
      for (let i = 0; i < 50 && !asked.stdout.includes('map_id:1(struct counter){.cnt = (__u32)'); i++)
        asked = await skStorage('ss', '-ta', '-O', '--bpf-maps', '--connect', path)
      expect(asked.stdout, asked.stderr).toContain('map_id:1(struct counter){.cnt = (__u32)')
      let shown = (await skStorage('prog', 'show', '--connect', path)).stdout
      expect(shown).toMatch(/^1: cgroup_skb {2}name egress /)
      // Counted when a phase is over.
      for (let i = 0; i < 100 && !shown.includes('run_cnt'); i++)
        shown = (await skStorage('prog', 'show', '--connect', path)).stdout
      expect(shown).toMatch(/ gpl run_time_ns \d+ run_cnt \d+\n/)
    } finally {
      child.kill('SIGKILL')
      await ended
      rmSync(folder, { recursive: true })
    }
  })
})

describe('a storage below its socket', () => {
  const map = { event: 'map', id: 7, type: 24, name: 'm', valueSize: 4, btfId: 0, btf: '', valueTypeId: 0 } as const
  const value = { map: 7, name: 'm', value: '01000000' }

  it('that has no types, or whose map is not known, is skipped', () => {
    expect(storageText(value, map, false)).toBe('\n\tmap_id: 7 failed to fetch info, skipping')
    expect(storageText(value, undefined, true)).toBe('\n\tmap_id: 7 failed to fetch info, skipping')
  })

  it('of another size than the map says is not printed', () => {
    const { bytes, valueTypeId } = mapBtf(struct('v', { n: u32 }) as never)
    const typed = { ...map, btfId: 1, btf: Buffer.from(bytes).toString('hex'), valueTypeId }
    expect(storageText({ ...value, value: '0100' }, typed, false)).toBe(
      '\n\tmap_id: 7: invalid value size, expecting 4, got 2',
    )
    expect(storageText(value, typed, true)).toBe(' map_id:7(struct v){.n = (__u32)1,}')
  })
})

describe('sk-storage prog show', { timeout: HANG }, () => {
  it('shows each program with its statistics and maps', async () => {
    const { stdout } = await skStorage('prog', 'show', '--demo')
    expect(stdout).toMatch(
      /^1: cgroup_skb {2}name egress {2}tag [0-9a-f]{16} {2}gpl run_time_ns \d+ run_cnt 4000\n\tloaded_at \S+ {2}uid \d+\n\tmap_ids 1\n$/,
    )
  })
})
