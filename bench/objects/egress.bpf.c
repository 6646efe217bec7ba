// SPDX-License-Identifier: MIT
// The egress program that sk storage was made for: find the counter of a packet's socket, add one. Through sk storage
// and through hash maps, with counters of every width. Each returns 1, or 0 where it has counted nothing, which drops
// the packet.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define SOCKETS 4096

struct tuple {
	__u32 saddr;
	__u32 daddr;
	/* Source port in the upper half, in the machine's order; destination port as in the packet. */
	__u32 ports;
};

#define STORAGE_MAP(name, counter) \
	struct { \
		__uint(type, BPF_MAP_TYPE_SK_STORAGE); \
		__uint(map_flags, BPF_F_NO_PREALLOC); \
		__type(key, int); \
		__type(value, counter); \
	} name SEC(".maps")

#define HASH_MAP(name, by) \
	struct { \
		__uint(type, BPF_MAP_TYPE_HASH); \
		__uint(max_entries, SOCKETS); \
		__type(key, by); \
		__type(value, __u32); \
	} name SEC(".maps")

STORAGE_MAP(in_storage_u8, __u8);
STORAGE_MAP(in_storage_u16, __u16);
STORAGE_MAP(in_storage_u32, __u32);
STORAGE_MAP(in_storage_u64, __u64);
HASH_MAP(by_cookie, __u64);
HASH_MAP(by_tuple, struct tuple);

SEC("cgroup_skb/egress")
int empty(struct __sk_buff *skb)
{
	return 1;
}

static __always_inline struct bpf_sock *socket_of(struct __sk_buff *skb)
{
	struct bpf_sock *sk = skb->sk;
	return sk ? bpf_sk_fullsock(sk) : 0;
}

#define STORAGE_PROGRAM(width) \
	SEC("cgroup_skb/egress") \
	int storage_##width(struct __sk_buff *skb) \
	{ \
		struct bpf_sock *sk = socket_of(skb); \
		if (!sk) \
			return 0; \
		__##width *cnt = bpf_sk_storage_get(&in_storage_##width, sk, 0, BPF_SK_STORAGE_GET_F_CREATE); \
		if (!cnt) \
			return 0; \
		(*cnt)++; \
		return 1; \
	}

STORAGE_PROGRAM(u8)
STORAGE_PROGRAM(u16)
STORAGE_PROGRAM(u32)
STORAGE_PROGRAM(u64)

SEC("cgroup_skb/egress")
int hash_cookie(struct __sk_buff *skb)
{
	__u64 key = bpf_get_socket_cookie(skb);
	__u32 one = 1;
	__u32 *cnt = bpf_map_lookup_elem(&by_cookie, &key);
	if (!cnt)
		return bpf_map_update_elem(&by_cookie, &key, &one, BPF_NOEXIST) == 0;
	(*cnt)++;
	return 1;
}

SEC("cgroup_skb/egress")
int hash_tuple(struct __sk_buff *skb)
{
	struct bpf_sock *sk = socket_of(skb);
	if (!sk)
		return 0;
	struct tuple key = { sk->src_ip4, sk->dst_ip4, sk->src_port << 16 | sk->dst_port };
	__u32 one = 1;
	__u32 *cnt = bpf_map_lookup_elem(&by_tuple, &key);
	if (!cnt)
		return bpf_map_update_elem(&by_tuple, &key, &one, BPF_NOEXIST) == 0;
	(*cnt)++;
	return 1;
}

char LICENSE[] SEC("license") = "GPL";
