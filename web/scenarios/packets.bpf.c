// SPDX-License-Identifier: MIT
// Counts the packets that a socket sends, in the socket's own storage. Two programs: the first is right.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct counter {
	__u32 packets;
};

struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct counter);
} egress SEC(".maps");

SEC("cgroup_skb/egress")
int count(struct __sk_buff *skb)
{
	struct bpf_sock *sk = skb->sk;
	struct counter *c;

	if (!sk)
		return 1;
	sk = bpf_sk_fullsock(sk);
	if (!sk)
		return 1;
	c = bpf_sk_storage_get(&egress, sk, 0, BPF_SK_STORAGE_GET_F_CREATE);
	/* NULL: another CPU was faster with the socket's first element. Now it is there. */
	if (!c)
		c = bpf_sk_storage_get(&egress, sk, 0, BPF_SK_STORAGE_GET_F_CREATE);
	if (c)
		__sync_fetch_and_add(&c->packets, 1);
	return 1;
}

SEC("cgroup_skb/egress")
int count_once(struct __sk_buff *skb)
{
	struct bpf_sock *sk = skb->sk;
	struct counter *c;

	if (!sk)
		return 1;
	sk = bpf_sk_fullsock(sk);
	if (!sk)
		return 1;
	c = bpf_sk_storage_get(&egress, sk, 0, BPF_SK_STORAGE_GET_F_CREATE);
	/* "This should never happen." */
	if (!c)
		return 1;
	__sync_fetch_and_add(&c->packets, 1);
	return 1;
}

char LICENSE[] SEC("license") = "GPL";
