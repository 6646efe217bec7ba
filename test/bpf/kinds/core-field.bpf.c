// SPDX-License-Identifier: MIT
// Reads a field of the kernel's own type, wherever it lies.
#include "kinds.h"

struct tcp_sock {
	__u32 snd_cwnd;
} __attribute__((preserve_access_index));

SEC("sockops")
int core_field(struct bpf_sock_ops *ctx)
{
	struct bpf_sock *sk = ctx->sk;
	struct seen *seen = sk ? SEEN(sk) : 0;
	struct tcp_sock *tcp = sk ? bpf_skc_to_tcp_sock(sk) : 0;

	if (seen && tcp)
		seen->number = tcp->snd_cwnd;
	return 1;
}
