// SPDX-License-Identifier: MIT
// Reads an option of TCP's header.
#include "kinds.h"

SEC("sockops")
int header_options(struct bpf_sock_ops *ctx)
{
	struct bpf_sock *sk = ctx->sk;
	struct seen *seen = sk ? SEEN(sk) : 0;
	__u8 option[6] = { 253, 6 };

	if (seen && bpf_load_hdr_opt(ctx, option, sizeof(option), 0) > 0)
		seen->number = option[5];
	return 1;
}
