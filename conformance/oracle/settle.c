/*
 * Waiting until the kernel has freed the maps that were closed: it does so later, in a thread of its own.
 *
 * The only sign is a socket's charge going down. So each map gets a witness just before its last descriptor closes: a hidden socket
 * with an element of that map.
 */
#include "oracle.h"
#include <time.h>

static int witness[MAX_HANDLES];
static int witnesses;

static bool last_descriptor(const struct handle *map)
{
	for (int i = 0; i < MAX_HANDLES; i++)
		if (&maps[i] != map && maps[i].fd != CLOSED_FD && maps[i].id == map->id)
			return false;
	return true;
}

void map_will_close(struct handle *map)
{
	static uint8_t zeroes[MAX_VALUE];
	long limit = get_optmem();
	int fd;

	if (map->fd == CLOSED_FD || !last_descriptor(map))
		return;
	map_forget_programs(map);
	if (witnesses == MAX_HANDLES || (fd = new_udp(AF_INET)) < 0)
		return;
	union bpf_attr attr = {
		.map_fd = (uint32_t)map->fd,
		.key = (uint64_t)(uintptr_t)&fd,
		.value = (uint64_t)(uintptr_t)zeroes,
	};
	set_optmem(1 << 20);
	bpf(BPF_MAP_UPDATE_ELEM, &attr, sizeof(attr));
	set_optmem(limit);
	witness[witnesses++] = fd;
}

/* settle: at most two seconds */
void cmd_settle(void)
{
	struct timespec millisecond = { 0, 1000000 };
	int patience = 2000;

	while (witnesses > 0) {
		if (omem_of(witness[witnesses - 1]) > 0 && patience-- > 0) {
			nanosleep(&millisecond, NULL);
			continue;
		}
		close(witness[--witnesses]);
	}
	/* A bucket or two may still have been ahead of the thread when it passed the last witness. */
	nanosleep(&millisecond, NULL);
	answer(patience > 0 ? 0 : -ETIMEDOUT);
}
