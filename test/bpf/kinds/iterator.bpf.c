// SPDX-License-Identifier: MIT
// Runs for each socket.
#include "kinds.h"

SEC("iter/tcp")
int iterator(void *ctx)
{
	return 0;
}
