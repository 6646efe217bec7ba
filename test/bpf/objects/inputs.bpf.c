// SPDX-License-Identifier: MIT
/* What a program is told that is in no memory: time, chance, who runs. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

__u64 time, process;
__u32 chance;

SEC("tc")
int look(struct __sk_buff *skb)
{
	time = bpf_ktime_get_ns();
	chance = bpf_get_prandom_u32();
	return 0;
}

SEC("tc")
int who(struct __sk_buff *skb)
{
	process = bpf_get_current_pid_tgid() >> 32;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
