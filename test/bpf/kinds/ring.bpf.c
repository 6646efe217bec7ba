// SPDX-License-Identifier: MIT
// Tells user space of each event.
#include "kinds.h"

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} ring SEC(".maps");

SEC("sockops")
int tell(struct bpf_sock_ops *ctx)
{
	__u32 op = ctx->op;

	bpf_ringbuf_output(&ring, &op, sizeof(op), 0);
	return 1;
}
