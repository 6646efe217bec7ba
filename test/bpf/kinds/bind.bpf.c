// SPDX-License-Identifier: MIT
// The same, from an address of its own choice.
#include "kinds.h"

struct address {
	__u16 family, port;
	__u32 ip;
	__u64 zero;
};

SEC("cgroup/connect4")
int bind_first(struct bpf_sock_addr *ctx)
{
	struct bpf_sock *sk = ctx->sk;
	struct seen *seen = sk ? SEEN(sk) : 0;
	struct address from = { .family = 2, .ip = 0x0100007f };

	if (!seen || bpf_bind(ctx, (void *)&from, sizeof(from)))
		return 0;
	seen->number = ctx->user_ip4;
	return 1;
}
