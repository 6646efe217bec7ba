// SPDX-License-Identifier: MIT
// Runs where the kernel asks whether something is allowed.
#include "kinds.h"

SEC("lsm/socket_bind")
int hooks(unsigned long long *ctx)
{
	return 0;
}
