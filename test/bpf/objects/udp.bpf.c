// SPDX-License-Identifier: MIT
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

/* (2) Statistics of a datagram socket, as many threads send on it. */
struct stats { __u64 packets; __u64 bytes; __u64 first; __u32 flags; __u32 pad; };
struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct stats);
} udp_stats SEC(".maps");

SEC("cgroup_skb/egress")
int udp_send(struct __sk_buff *skb)
{
	struct bpf_sock *sk = skb->sk;
	if (!sk)
		return 1;
	sk = bpf_sk_fullsock(sk);
	if (!sk)
		return 1;
	struct stats *s = bpf_sk_storage_get(&udp_stats, sk, 0, BPF_SK_STORAGE_GET_F_CREATE);
	if (!s)
		return 1;
	s->packets += 1;
	s->bytes += skb->len;
	if (!(s->flags & 2))
		s->flags |= 2;
	return 1;
}

char LICENSE[] SEC("license") = "GPL";
