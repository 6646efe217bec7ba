/*
 * Without capabilities: as a process that may use what is open, and not much more. They are only put aside, and can be taken up again.
 */
#include "oracle.h"
#include <linux/capability.h>
#include <sys/syscall.h>

int set_caps(bool all)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &header, data))
		return -errno;
	for (int i = 0; i < 2; i++)
		data[i].effective = all ? data[i].permitted : 0;
	return syscall(SYS_capset, &header, data) ? -errno : 0;
}

/* caps none, caps all */
void cmd_caps(void)
{
	answer(set_caps(!strcmp(word[1], "all")));
}
