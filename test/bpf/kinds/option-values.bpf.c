// SPDX-License-Identifier: MIT
// Keeps the first byte of an option.
#include "kinds.h"

SEC("cgroup/setsockopt")
int option_values(struct bpf_sockopt *ctx)
{
	__u8 *value = ctx->optval, *end = ctx->optval_end;
	struct bpf_sock *sk = ctx->sk;
	struct seen *seen;

	if (value + 1 > end || !sk)
		return 0;
	seen = SEEN(sk);
	if (!seen)
		return 0;
	seen->number = value[0];
	ctx->optlen = -1;
	return 1;
}
