import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { events, HANG, skStorage, start } from './command.ts'

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

  it.each([
    [['--bpf-map-id', 'zz'], 'invalid BPF map ID zz'],
    [['--bpf-map-id', '0'], 'invalid BPF map ID 0'],
    [['--bpf-map-id', '9'], 'cannot get fd for BPF map ID 9'],
    [['--bpf-maps', '--bpf-map-id', '1'], '--bpf-maps and --bpf-map-id cannot be used together'],
  ])('refuses %s', async (flags, sentence) => {
    const { status, stderr } = await skStorage('ss', '--demo', ...flags)
    expect([status, stderr]).toEqual([2, `sk-storage ss: ${sentence}\n`])
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
      '--listen',
      path,
    )
    try {
      let asked = await skStorage('ss', '-ta', '-O', '--bpf-maps', '--connect', path)
      expect(asked.stderr === '' || asked.stderr.includes('expected a socket on which run --listen answers')).toBe(true)
      for (let i = 0; i < 50 && !asked.stdout.includes('map_id:1(struct counter){.cnt = (__u32)'); i++)
        asked = await skStorage('ss', '-ta', '-O', '--bpf-maps', '--connect', path)
      expect(asked.stdout, asked.stderr).toContain('map_id:1(struct counter){.cnt = (__u32)')
      expect((await skStorage('prog', 'show', '--connect', path)).stdout).toMatch(/^1: cgroup_skb {2}name egress /)
    } finally {
      child.kill('SIGKILL')
      await ended
      rmSync(folder, { recursive: true })
    }
  })
})

describe('sk-storage prog show', { timeout: HANG }, () => {
  it('shows each program with its statistics and maps', async () => {
    const { stdout } = await skStorage('prog', 'show', '--demo')
    expect(stdout).toMatch(
      /^1: cgroup_skb {2}name egress {2}tag [0-9a-f]{16} {2}gpl run_time_ns \d+ run_cnt 4000\n\tloaded_at \S+ {2}map_ids 1\n$/,
    )
  })
})
