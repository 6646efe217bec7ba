// SPDX-License-Identifier: MIT
// Runs when a function of the kernel returns.
#include "kinds.h"

struct sock;

SEC("fexit/tcp_sendmsg")
int functions(unsigned long long *ctx)
{
	struct sock *sk = (void *)ctx[0];
	struct seen *seen = SEEN(sk);

	if (seen)
		seen->count++;
	return 0;
}
