// SPDX-License-Identifier: MIT
// What a loader has to put together: functions of .text, static and global variables, constants, a section of a
// program that is loaded on demand.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

static __u64 inner = 5;
__u64 table[4] = { 1, 2, 3, 4 };
const volatile __u32 limit = 7;
static __u32 hidden;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, __u64);
} by_number SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 8);
	__uint(key_size, 4);
	__uint(value_size, 16);
	__uint(map_flags, BPF_F_RDONLY_PROG);
} untyped SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, __u64);
} per_cpu SEC(".maps");

static __attribute__((noinline)) int add(int x)
{
	inner += x;
	hidden++;
	return x + limit;
}

__attribute__((noinline)) int count_in_table(__u32 i)
{
	if (i < 4)
		table[i]++;
	return add(i);
}

SEC("cgroup_skb/ingress")
int in(struct __sk_buff *skb)
{
	return add(skb->len) & 1;
}

SEC("sockops")
int operations(struct bpf_sock_ops *ops)
{
	__u32 key = 1;
	__u64 *mine = bpf_map_lookup_elem(&per_cpu, &key);

	if (mine)
		*mine += 1;
	if (bpf_map_lookup_elem(&untyped, &key))
		bpf_map_update_elem(&by_number, &key, &inner, BPF_ANY);
	return count_in_table(ops->op) & 1;
}

SEC("?xdp")
int drop(struct xdp_md *packet)
{
	return limit > 3;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
