// SPDX-License-Identifier: MIT
// Runs when a socket's state changes.
#include "kinds.h"

SEC("tp_btf/inet_sock_set_state")
int states(unsigned long long *ctx)
{
	struct seen *seen = SEEN((void *)ctx[0]);

	if (seen)
		seen->number = ctx[2];
	return 0;
}
