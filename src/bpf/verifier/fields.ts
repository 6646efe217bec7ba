/**
 * The fields of what programs are given: contexts and sockets, as <linux/bpf.h> lays them out.
 */

import type { Region } from './register.ts'
import { type Structure, structure } from './structure.ts'

/** Of no field may a part be loaded. */
const WHOLE = /^$/

const COMMON = { sk: { region: 'sock_common', nullable: true } } as const
const FULL = { sk: { region: 'sock', nullable: false } } as const

/** `struct __sk_buff`, of programs on a cgroup's packets. */
export const CGROUP_SKB = structure(
  '__sk_buff',
  192,
  `0 len
   4 pkt_type
   8 mark =
   12 queue_mapping
   16 protocol
   20 vlan_present
   24 vlan_tci
   28 vlan_proto
   32 priority =
   36 ingress_ifindex
   40 ifindex
   44 tc_index
   48 cb*5 =
   68 hash
   76 data -
   80 data_end -
   84 napi_id
   88 family
   92 remote_ip4
   96 local_ip4
   100 remote_ip6*4
   116 local_ip6*4
   132 remote_port
   136 local_port
   152 tstamp:8 =
   164 gso_segs
   168 sk:8
   176 gso_size
   184 hwtstamp:8`,
  COMMON,
  /^(?!(remote|local)_ip)/,
)

/** The same of programs of tc, which may store more and have no addresses. */
export const SCHED_CLS = structure(
  '__sk_buff',
  192,
  `0 len
   4 pkt_type
   8 mark =
   12 queue_mapping =
   16 protocol
   20 vlan_present
   24 vlan_tci
   28 vlan_proto
   32 priority =
   36 ingress_ifindex
   40 ifindex
   44 tc_index =
   48 cb*5 =
   68 hash
   72 tc_classid =
   76 data -
   80 data_end -
   84 napi_id
   140 data_meta -
   152 tstamp:8 =
   160 wire_len
   164 gso_segs
   168 sk:8
   176 gso_size
   184 hwtstamp:8`,
  COMMON,
)

/** The same of socket filters. */
export const SOCKET_FILTER = structure(
  '__sk_buff',
  192,
  `0 len
   4 pkt_type
   8 mark
   12 queue_mapping
   16 protocol
   20 vlan_present
   24 vlan_tci
   28 vlan_proto
   32 priority
   36 ingress_ifindex
   40 ifindex
   44 tc_index
   48 cb*5 =
   68 hash
   84 napi_id
   164 gso_segs
   168 sk:8
   176 gso_size`,
  COMMON,
)

/** `struct bpf_sock`, behind a pointer to a full socket. */
export const SOCK = structure(
  'bpf_sock',
  80,
  `0 bound_dev_if
   4 family
   8 type
   12 protocol
   16 mark
   20 priority
   24 src_ip4
   28 src_ip6*4
   44 src_port
   48 dst_port:2
   52 dst_ip4
   56 dst_ip6*4
   72 state
   76 rx_queue_mapping`,
  {},
  /^(?!bound_dev_if|mark|priority)/,
)

/** The same behind a pointer to any socket: what is only there in full ones is left out. */
export const SOCK_COMMON: Structure = {
  ...SOCK,
  fields: SOCK.fields.filter(({ offset }) => offset < 8 || offset > 20),
}

/** `struct bpf_tcp_sock`. */
export const TCP_SOCK = structure(
  'bpf_tcp_sock',
  112,
  `0 snd_cwnd
   4 srtt_us
   8 rtt_min
   12 snd_ssthresh
   16 rcv_nxt
   20 snd_nxt
   24 snd_una
   28 mss_cache
   32 ecn_flags
   36 rate_delivered
   40 rate_interval_us
   44 packets_out
   48 retrans_out
   52 total_retrans
   56 segs_in
   60 data_segs_in
   64 segs_out
   68 data_segs_out
   72 lost_out
   76 sacked_out
   80 bytes_received:8
   88 bytes_acked:8
   96 dsack_dups
   100 delivered
   104 delivered_ce
   108 icsk_retransmits`,
  {},
  WHOLE,
)

/** `struct bpf_sock_ops`. */
export const SOCK_OPS = structure(
  'bpf_sock_ops',
  224,
  `0 op
   4 args0 =
   8 args1
   12 args2
   16 args3
   20 family
   24 remote_ip4
   28 local_ip4
   32 remote_ip6*4
   48 local_ip6*4
   64 remote_port
   68 local_port
   72 is_fullsock
   76 snd_cwnd
   80 srtt_us
   84 bpf_sock_ops_cb_flags
   88 state
   92 rtt_min
   96 snd_ssthresh
   100 rcv_nxt
   104 snd_nxt
   108 snd_una
   112 mss_cache
   116 ecn_flags
   120 rate_delivered
   124 rate_interval_us
   128 packets_out
   132 retrans_out
   136 total_retrans
   140 segs_in
   144 data_segs_in
   148 segs_out
   152 data_segs_out
   156 lost_out
   160 sacked_out
   164 sk_txhash =
   168 bytes_received:8
   176 bytes_acked:8
   184 sk:8
   192 skb_data:8 -
   200 skb_data_end:8 -
   208 skb_len
   212 skb_tcp_flags
   216 skb_hwtstamp:8 -`,
  { sk: { region: 'sock', nullable: true } },
  WHOLE,
)

/** `struct bpf_sockopt` of programs on getsockopt. */
export const GETSOCKOPT = structure(
  'bpf_sockopt',
  40,
  `0 sk:8
   8 optval:8 -
   16 optval_end:8 -
   24 level
   28 optname
   32 optlen =
   36 retval =`,
  FULL,
  WHOLE,
)

/** The same of programs on setsockopt. */
export const SETSOCKOPT = structure(
  'bpf_sockopt',
  40,
  `0 sk:8
   8 optval:8 -
   16 optval_end:8 -
   24 level =
   28 optname =
   32 optlen =`,
  FULL,
  WHOLE,
)

/** `struct bpf_sock_addr`, of a program on addresses of IPv4 or IPv6: those of the other it may not touch. */
const SOCK_ADDR = new Map(
  [
    { version: 4, ip: '4 user_ip4 =', from: '40 msg_src_ip4 -' },
    { version: 6, ip: '8 user_ip6*4 =', from: '44 msg_src_ip6*4 -' },
  ].flatMap(({ version, ip, from }) =>
    [false, true].map((sends) => [
      `${version} ${sends}`,
      structure(
        'bpf_sock_addr',
        72,
        `0 user_family
         ${ip}
         24 user_port =
         28 family
         32 type
         36 protocol
         ${sends ? from : ''}
         64 sk:8`,
        FULL,
        /^(user_ip|user_port|msg_src_ip)/,
      ),
    ]),
  ),
)

/** By the attach type: `cgroup_inet4_connect`. Where the address is that of a message, it has a source as well. */
export function sockAddr(attach: string | undefined): Structure {
  const version = /(?:inet|udp)6_/.test(attach ?? '') ? 6 : 4
  return SOCK_ADDR.get(`${version} ${/_sendmsg$/.test(attach ?? '')}`)!
}

/** Programs whose context holds nothing that we know. */
export const NO_CONTEXT: Structure = { name: 'context', size: 0, fields: [] }

/** What stands behind a pointer of this kind. */
export function structureBehind(region: Region): Structure | undefined {
  switch (region) {
    case 'sock_common':
      return SOCK_COMMON
    case 'sock':
      return SOCK
    case 'tcp_sock':
      return TCP_SOCK
    default:
      return undefined
  }
}
