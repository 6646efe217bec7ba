// SPDX-License-Identifier: MIT
// Counts the options that are set, by level and name.
#include "kinds.h"

SEC("cgroup/setsockopt")
int options(struct bpf_sockopt *ctx)
{
	struct bpf_sock *sk = ctx->sk;
	struct seen *seen = sk ? SEEN(sk) : 0;

	if (!seen)
		return 0;
	seen->count++;
	seen->number = ctx->level << 16 | ctx->optname;
	return 1;
}
