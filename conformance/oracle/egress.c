/*
 * A real packet of a real socket: an egress program counts in the socket's storage, as the mission's does.
 *
 * It is attached to the loopback device of our own network namespace (TCX, Linux 6.6), not to a cgroup: nobody else's packets pass there.
 */
#include "insn.h"
#include <net/if.h>

#define ATTACH_TCX_EGRESS 47

/* egress m0 s0: sends a byte from a connected socket; the program adds one to the first word of its value and leaves all else alone */
void cmd_egress(void)
{
	struct handle *map = handle_of(word[1], 'm');
	struct handle *sock = handle_of(word[2], 's');
	/* r6: the packet; r0, r1: cookies, of which 32 bits tell our sockets apart. */
	struct bpf_insn insns[] = {
		MOV(6, 1), CALL(HELPER_get_socket_cookie),
		INSN(BPF_JMP32 | BPF_JEQ | BPF_K, 0, 0, 2, (int)sock->cookie), SET(0, 0), EXIT,
		LOAD(BPF_DW, 1, 6, offsetof(struct __sk_buff, sk)), IF(BPF_JNE, 1, 0, 2), SET(0, 0), EXIT,
		CALL(HELPER_sk_fullsock), IF(BPF_JNE, 0, 0, 2), SET(0, 0), EXIT,
		MOV(2, 0), MAP_PTR(1, map->fd), SET(3, 0), SET(4, 1), CALL(HELPER_sk_storage_get),
		IF(BPF_JNE, 0, 0, 2), SET(0, 0), EXIT,
		LOAD(BPF_W, 1, 0, 0), ADD(1, 1), STORE(BPF_W, 0, 0, 1), SET(0, 0), EXIT,
	};
	int link = -1, fd = load_program(BPF_PROG_TYPE_SCHED_CLS, ATTACH_TCX_EGRESS, NULL, insns, sizeof(insns) / sizeof(*insns));

	if (fd >= 0) {
		/* A link, so that the program goes when we go, however that happens. */
		union bpf_attr attr = { .link_create = {
			.prog_fd = (uint32_t)fd,
			.target_fd = if_nametoindex("lo"),
			.attach_type = ATTACH_TCX_EGRESS,
		} };
		link = bpf(BPF_LINK_CREATE, &attr, sizeof(attr));
	}
	long err = fd < 0 ? fd : link < 0 ? link : send(sock->fd, "x", 1, MSG_NOSIGNAL) < 0 ? -errno : 0;
	if (link >= 0)
		close(link);
	if (fd >= 0)
		close(fd);
	answer(err);
}
