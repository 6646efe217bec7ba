/**
 * Which type of program a section holds, by its name. The names are those of libbpf 1.x.
 */

import type { Fault } from './object-error.ts'

/** What a section's name says of its programs. */
export interface ProgramKind {
  /** As in BpfProgram: the kernel's name in small letters. */
  readonly type: string
  readonly attach?: string
}

/** A name, then the type, then the attach type. A name that ends in `+` may have more behind a slash. */
const KNOWN: readonly (readonly [name: string, type: string, attach?: string])[] = [
  ['socket', 'socket_filter'],
  ['sk_reuseport/migrate', 'sk_reuseport', 'sk_reuseport_select_or_migrate'],
  ['sk_reuseport', 'sk_reuseport', 'sk_reuseport_select'],
  ['kprobe+', 'kprobe'],
  ['kretprobe+', 'kprobe'],
  ['uprobe+', 'kprobe'],
  ['uretprobe+', 'kprobe'],
  ['ksyscall+', 'kprobe'],
  ['kretsyscall+', 'kprobe'],
  ['tracepoint+', 'tracepoint'],
  ['tp+', 'tracepoint'],
  ['raw_tracepoint+', 'raw_tracepoint'],
  ['raw_tp+', 'raw_tracepoint'],
  ['perf_event', 'perf_event'],
  ['tc/ingress', 'sched_cls', 'tcx_ingress'],
  ['tc/egress', 'sched_cls', 'tcx_egress'],
  ['tc', 'sched_cls'],
  ['classifier', 'sched_cls'],
  ['action', 'sched_act'],
  ['xdp', 'xdp', 'xdp'],
  ['lwt_in', 'lwt_in'],
  ['lwt_out', 'lwt_out'],
  ['lwt_xmit', 'lwt_xmit'],
  ['lwt_seg6local', 'lwt_seg6local'],
  ['sockops', 'sock_ops', 'cgroup_sock_ops'],
  ['sk_skb/stream_parser', 'sk_skb', 'sk_skb_stream_parser'],
  ['sk_skb/stream_verdict', 'sk_skb', 'sk_skb_stream_verdict'],
  ['sk_skb', 'sk_skb'],
  ['sk_msg', 'sk_msg', 'sk_msg_verdict'],
  ['flow_dissector', 'flow_dissector', 'flow_dissector'],
  ['sk_lookup', 'sk_lookup', 'sk_lookup'],
  ['cgroup_skb/ingress', 'cgroup_skb', 'cgroup_inet_ingress'],
  ['cgroup_skb/egress', 'cgroup_skb', 'cgroup_inet_egress'],
  ['cgroup/skb', 'cgroup_skb'],
  ['cgroup/sock_create', 'cgroup_sock', 'cgroup_inet_sock_create'],
  ['cgroup/sock_release', 'cgroup_sock', 'cgroup_inet_sock_release'],
  ['cgroup/sock', 'cgroup_sock', 'cgroup_inet_sock_create'],
  ['cgroup/post_bind4', 'cgroup_sock', 'cgroup_inet4_post_bind'],
  ['cgroup/post_bind6', 'cgroup_sock', 'cgroup_inet6_post_bind'],
  ...['bind4', 'bind6', 'connect4', 'connect6', 'sendmsg4', 'sendmsg6', 'recvmsg4', 'recvmsg6'].map(addressed),
  ...['getpeername4', 'getpeername6', 'getsockname4', 'getsockname6'].map(addressed),
  ['cgroup/getsockopt', 'cgroup_sockopt', 'cgroup_getsockopt'],
  ['cgroup/setsockopt', 'cgroup_sockopt', 'cgroup_setsockopt'],
  ['cgroup/sysctl', 'cgroup_sysctl', 'cgroup_sysctl'],
  ['cgroup/dev', 'cgroup_device', 'cgroup_device'],
]

/** `cgroup/connect4` and its kin: cgroup_inet4_connect, cgroup_udp4_sendmsg. */
function addressed(name: string): readonly [string, string, string] {
  const [call, family] = [name.slice(0, -1), name.slice(-1)]
  const protocol = /msg$/.test(call) ? 'udp' : 'inet'
  return [`cgroup/${name}`, 'cgroup_sock_addr', `cgroup_${protocol}${family}_${call}`]
}

const OF_THE_KERNEL = "programs that attach to the kernel's own functions or types"
const SLEEPS = 'programs that may sleep'

/** Sections of programs that are none of ours, by the beginning of their names, and why. */
const OUT_OF_SCOPE: readonly (readonly [names: RegExp, why: string])[] = [
  [/^(fentry|fexit|fmod_ret|lsm|iter|tp_btf|struct_ops|raw_tp\.w|freplace|lsm_cgroup)(\/|$)/, OF_THE_KERNEL],
  [/^(fentry|fexit|fmod_ret|lsm|iter|struct_ops|uprobe|uretprobe)\.s(\/|$)/, SLEEPS],
  [/^syscall$/, SLEEPS],
  [/^(k|kret|u|uret)probe\.(multi|session)(\.s)?(\/|$)/, 'programs on many functions at once'],
  [/^usdt(\.s)?(\/|$)/, 'programs on probes of user space'],
  [/^(netfilter|netkit|tcx|xdp\.frags|xdp_devmap|xdp_cpumap|xdp\.frags_devmap|xdp\.frags_cpumap)(\/|$)/, 'this hook'],
  [/^cgroup\/(connect|bind|sendmsg|recvmsg|getpeername|getsockname)_unix$/, 'unix sockets'],
]

/** The kind of the programs in a section. Throws `fault` for a name that says none, or one that is out of scope. */
export function programKind(section: string, fault: Fault): ProgramKind {
  // libbpf does not load programs of such a section unless it is asked to; their type is the same.
  const name = section.replace(/^\?/, '')
  for (const [pattern, why] of OUT_OF_SCOPE)
    if (pattern.test(name)) throw fault(`section ${section}: ${why} are not supported here`)
  for (const [known, type, attach] of KNOWN) {
    const prefix = known.replace('+', '')
    if (name === prefix || (known.endsWith('+') && name.startsWith(`${prefix}/`))) return { type, attach }
  }
  throw fault(`section ${section}: got a name that says no type of program, expected one like cgroup_skb/egress`)
}
