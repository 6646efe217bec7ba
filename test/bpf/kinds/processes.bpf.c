// SPDX-License-Identifier: MIT
// Counts by process and time, in a hash.
#include "kinds.h"

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u64);
} by_process SEC(".maps");

SEC("cgroup_skb/egress")
int processes(struct __sk_buff *skb)
{
	__u32 process = bpf_get_current_pid_tgid() >> 32;
	__u64 now = bpf_ktime_get_ns();

	bpf_map_update_elem(&by_process, &process, &now, BPF_ANY);
	return 1;
}
