// SPDX-License-Identifier: MIT
/* A value whose last four bytes nobody writes. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct flow { __u64 bytes; __u32 packets; };

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, struct flow);
} flows SEC(".maps");

SEC("tc")
int padded(struct __sk_buff *skb)
{
	__u32 key = skb->mark;
	struct flow first = { .bytes = skb->len, .packets = 1 };

	bpf_map_update_elem(&flows, &key, &first, BPF_NOEXIST);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
