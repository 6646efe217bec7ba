/*
 * Waiting until the kernel has freed the maps that were closed: it does so later, in a thread of its own.
 *
 * The only sign is a socket's charge going down. So each map gets a witness just before its last descriptor closes: a hidden socket
 * with an element of that map; several, since the thread goes through the map bucket by bucket and a witness only speaks for its own.
 */
#include "oracle.h"
#include <time.h>

#define WITNESSES_EACH 4

static int witness[WITNESSES_EACH * MAX_HANDLES];
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

	/* A loaded program holds its maps, and ours are the handle's. */
	map_forget_programs(map);
	if (map->fd == CLOSED_FD || !last_descriptor(map))
		return;
	set_optmem(1 << 20);
	for (int i = 0; i < WITNESSES_EACH && witnesses < WITNESSES_EACH * MAX_HANDLES; i++) {
		int fd = new_udp(AF_INET);
		if (fd < 0)
			break;
		union bpf_attr attr = {
			.map_fd = (uint32_t)map->fd,
			.key = (uint64_t)(uintptr_t)&fd,
			.value = (uint64_t)(uintptr_t)zeroes,
		};
		bpf(BPF_MAP_UPDATE_ELEM, &attr, sizeof(attr));
		witness[witnesses++] = fd;
	}
	set_optmem(limit);
}

/* settle: at most eight seconds, which only a machine that does ten other things needs */
void cmd_settle(void)
{
	struct timespec millisecond = { 0, 1000000 }, begin, now;
	bool patience = true;

	clock_gettime(CLOCK_MONOTONIC, &begin);
	while (witnesses > 0) {
		clock_gettime(CLOCK_MONOTONIC, &now);
		patience = now.tv_sec - begin.tv_sec < 8;
		if (omem_of(witness[witnesses - 1]) > 0 && patience) {
			nanosleep(&millisecond, NULL);
			continue;
		}
		close(witness[--witnesses]);
	}
	/* A bucket or two may still have been ahead of the thread when it passed the last witness. */
	for (int i = 0; i < 3; i++)
		nanosleep(&millisecond, NULL);
	answer(patience ? 0 : -ETIMEDOUT);
}
