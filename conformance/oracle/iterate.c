/*
 * BPF iterators: over the elements of one map, and (for programs.c) over our own descriptors.
 */
#include "insn.h"

/* What one iterator shows of a value; larger values are cut, and the kernel's buffer could not hold them all. */
#define SHOWN 1024

int attach_iterator(int prog_fd, int map_fd)
{
	/* union bpf_iter_link_info of Linux 6.1: a map's fd, or the task. Headers of any age do, since it is only bytes. */
	uint32_t about[4] = { map_fd >= 0 ? (uint32_t)map_fd : (uint32_t)getpid() };
	union bpf_attr attr = { .link_create = { .prog_fd = (uint32_t)prog_fd, .attach_type = BPF_TRACE_ITER } };
	attr.link_create.iter_info = (uint64_t)(uintptr_t)about;
	attr.link_create.iter_info_len = map_fd >= 0 ? 4 : 12;
	return bpf(BPF_LINK_CREATE, &attr, sizeof(attr));
}

/* Walks once. Returns the bytes shown, at most `room`, or -errno. */
int read_iterator(int link_fd, uint8_t *bytes, int room)
{
	union bpf_attr attr = { .iter_create = { .link_fd = (uint32_t)link_fd } };
	int fd = bpf(BPF_ITER_CREATE, &attr, sizeof(attr));
	int got = 0, more = 1, err = 0;

	if (fd < 0)
		return fd;
	while (got < room && (more = (int)read(fd, bytes + got, (size_t)(room - got))) != 0) {
		if (more < 0 && errno == EAGAIN)
			continue;
		if (more < 0) {
			err = -errno;
			break;
		}
		got += more;
	}
	close(fd);
	return err < 0 ? err : got;
}

/* iter m0 [delete]: "ok s0=HEX s3=HEX", each socket with its value (its first SHOWN bytes). With delete each element goes as it is shown. */
void cmd_iter(void)
{
	static uint8_t shown[1 << 20];
	struct handle *map = handle_of(word[1], 'm');
	const int bytes = map->value_size < SHOWN ? (int)map->value_size : SHOWN;
	const bool deletes = words > 2;
	/* r6: ctx; r7: the value; r8: the socket; r9: the seq_file. */
	struct bpf_insn insns[48] = {
		MOV(6, 1),
		LOAD(BPF_DW, 7, 6, 24), IF(BPF_JNE, 7, 0, 2), SET(0, 0), EXIT,
		LOAD(BPF_DW, 8, 6, 16), IF(BPF_JNE, 8, 0, 2), SET(0, 0), EXIT,
		LOAD(BPF_DW, 9, 6, 0), LOAD(BPF_DW, 9, 9, 0),
		MOV(1, 8), CALL(HELPER_get_socket_cookie), STORE(BPF_DW, 10, -8, 0),
		MOV(1, 9), MOV(2, 10), ADD(2, -8), SET(3, 8), CALL(HELPER_seq_write),
		MOV(1, 9), MOV(2, 7), SET(3, bytes), CALL(HELPER_seq_write),
	};
	int n = 23;
	struct bpf_insn del[] = { MAP_PTR(1, map->fd), MOV(2, 8), CALL(HELPER_sk_storage_delete) };

	if (map->fd == CLOSED_FD) {
		answer(-EBADF);
		return;
	}
	if (deletes) {
		memcpy(insns + n, del, sizeof(del));
		n += 4;
	}
	insns[n++] = SET(0, 0);
	insns[n++] = EXIT;

	int fd = load_program(BPF_PROG_TYPE_TRACING, BPF_TRACE_ITER, "bpf_iter_bpf_sk_storage_map", insns, n);
	int link = fd < 0 ? fd : attach_iterator(fd, map->fd);
	int got = link < 0 ? link : read_iterator(link, shown, sizeof(shown));
	if (link >= 0)
		close(link);
	if (fd >= 0)
		close(fd);
	if (got < 0) {
		answer(got);
		return;
	}
	printf("ok");
	for (int at = 0; at + 8 + bytes <= got; at += 8 + bytes) {
		uint64_t cookie;
		memcpy(&cookie, shown + at, 8);
		int sock = sock_by_cookie(cookie);
		/* A witness, or a socket that is dying. */
		if (sock < 0)
			continue;
		printf(" s%d=", sock);
		print_hex(shown + at + 8, (unsigned)bytes);
	}
	printf("\n");
}
