/**
 * Loads and stores of every width at every byte of contexts and sockets, on the running kernel and here: what we
 * accept it accepts too.
 */

import { afterAll, describe, expect, it } from 'vitest'
import { kernelVerdicts } from '../../conformance/bytecode.ts'
import { type Kernel, startKernel } from '../../conformance/kernel.ts'
import { judged, programOf } from '../bpf/verifier/programs.ts'
import { LONG, shareOf } from '../share.ts'

let kernel: Kernel | undefined
try {
  kernel = await startKernel()
} catch (error) {
  console.warn(`SKIPPED, the kernel can't be asked: ${(error as Error).message}`)
}

/** Types and attach types, what comes before the access, and bytes of what r1 points to then. */
const PLACES: readonly (readonly [type: string, attach: string, before: string, size: number])[] = [
  ['cgroup_skb', 'cgroup_inet_egress', '', 192],
  ['sched_cls', '', '', 192],
  ['socket_filter', '', '', 192],
  ['sock_ops', 'cgroup_sock_ops', '', 224],
  ['cgroup_sockopt', 'cgroup_getsockopt', '', 40],
  ['cgroup_sockopt', 'cgroup_setsockopt', '', 40],
  ['cgroup_sock_addr', 'cgroup_inet4_bind', '', 72],
  ['cgroup_sock_addr', 'cgroup_inet4_connect', '', 72],
  ['cgroup_sock_addr', 'cgroup_inet6_connect', '', 72],
  ['cgroup_sock_addr', 'cgroup_udp4_sendmsg', '', 72],
  ['cgroup_sock_addr', 'cgroup_udp6_sendmsg', '', 72],
  ['cgroup_skb', 'cgroup_inet_egress', 'ldxdw r1, [r1+168]\njeq r1, 0, done\n', 88],
  [
    'cgroup_skb',
    'cgroup_inet_egress',
    'ldxdw r1, [r1+168]\njeq r1, 0, done\ncall bpf_sk_fullsock\njeq r0, 0, done\nmov r1, r0\n',
    88,
  ],
  [
    'cgroup_skb',
    'cgroup_inet_egress',
    'ldxdw r1, [r1+168]\njeq r1, 0, done\ncall bpf_tcp_sock\njeq r0, 0, done\nmov r1, r0\n',
    128,
  ],
]

const ACCESSES = ['ldxb', 'ldxh', 'ldxw', 'ldxdw', 'ldxsb', 'ldxsh', 'ldxsw', 'stxb', 'stxh', 'stxw', 'stxdw']
const MOST = 1500
const BLOCK = 200

describe.skipIf(kernel === undefined)('accesses of contexts and sockets', () => {
  afterAll(() => kernel?.stop())

  it('are accepted only where the kernel accepts them', async () => {
    const all = PLACES.flatMap(([type, attach, before, size]) =>
      Array.from({ length: size + 8 }, (_, off) =>
        ACCESSES.map((access) => {
          const operands = access.startsWith('ldx') ? `r2, [r1+${off}]` : `[r1+${off}], r2`
          const text = `mov r2, 1\n${before}${access} ${operands}\ndone: mov r0, 1\nexit`
          return { text, program: programOf(text, type, attach) }
        }),
      ).flat(),
    )
    const share = shareOf('accesses', all, MOST)
    const counts = { both: 0, neither: 0, 'ours refused': 0 }
    for (let begin = 0; begin < share.length; begin += BLOCK) {
      const asked = share.slice(begin, begin + BLOCK)
      const theirs = await kernelVerdicts(
        kernel!,
        asked.map(({ program }) => program),
      )
      for (const [i, { text, program }] of asked.entries()) {
        const ours = typeof judged(program) !== 'string'
        const kernels = 'returns' in theirs[i]
        if (ours && !kernels) expect.fail(`${program.type} ${program.attach}: ${JSON.stringify(theirs[i])}\n${text}`)
        counts[ours ? 'both' : kernels ? 'ours refused' : 'neither']++
      }
    }
    console.log(JSON.stringify(counts))
    // Else the accesses say nothing of either.
    expect(counts.both).toBeGreaterThan(share.length / 50)
    expect(counts.neither).toBeGreaterThan(share.length / 2)
    // Parts of `cb`, two words of an address at once, and what is not here: few.
    if (LONG) expect(counts['ours refused']).toBeLessThan(share.length / 40)
  })
})
