// SPDX-License-Identifier: MIT
// Counts by port, and forgets who was not seen for long.
#include "kinds.h"

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u32);
} by_port SEC(".maps");

SEC("sockops")
int ports(struct bpf_sock_ops *ctx)
{
	__u32 port = ctx->local_port, op = ctx->op;

	bpf_map_update_elem(&by_port, &port, &op, BPF_ANY);
	return 1;
}
