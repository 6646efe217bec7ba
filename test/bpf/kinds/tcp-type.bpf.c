// SPDX-License-Identifier: MIT
// Asks for the kernel's own type of a socket, without looking inside.
#include "kinds.h"

SEC("sockops")
int tcp_type(struct bpf_sock_ops *ctx)
{
	struct bpf_sock *sk = ctx->sk;
	struct seen *seen = sk ? SEEN(sk) : 0;

	if (seen && bpf_skc_to_tcp_sock(sk))
		seen->count++;
	return 1;
}
