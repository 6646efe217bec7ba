// SPDX-License-Identifier: MIT
// Keeps what TCP has measured.
#include "kinds.h"

SEC("sockops")
int tcp_fields(struct bpf_sock_ops *ctx)
{
	struct bpf_sock *sk = ctx->sk;
	struct seen *seen = sk ? SEEN(sk) : 0;
	struct bpf_tcp_sock *tcp = sk ? bpf_tcp_sock(sk) : 0;

	if (seen && tcp)
		seen->number = tcp->delivered;
	return 1;
}
