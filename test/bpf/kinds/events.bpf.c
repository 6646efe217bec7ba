// SPDX-License-Identifier: MIT
// Counts a socket's events, and asks for more of them.
#include "kinds.h"

SEC("sockops")
int events(struct bpf_sock_ops *ctx)
{
	struct bpf_sock *sk = ctx->sk;
	struct seen *seen = sk ? SEEN(sk) : 0;

	if (!seen)
		return 1;
	seen->count++;
	seen->number = ctx->op;
	if (ctx->op == BPF_SOCK_OPS_TCP_CONNECT_CB)
		bpf_sock_ops_cb_flags_set(ctx, BPF_SOCK_OPS_RTT_CB_FLAG);
	return 1;
}
