/*
 * bpf_sk_storage_get and bpf_sk_storage_delete, called by programs.
 *
 * To reach any socket we hold, listeners included, the program is an iterator over our own descriptors: it runs for each and works on
 * the one it is told. What it is told and what it answers pass through an array map.
 */
#include "insn.h"
#include <sys/mman.h>

/* What a program is told and answers; the value to begin with and the value found follow. */
struct args {
	int32_t fd;
	int32_t has_init;
	uint64_t flags;
	int64_t result;
	int32_t has_write;
	int32_t write;
};

static char verifier_log[1 << 16];

int load_program(int type, int attach_type, const char *attach_func, const struct bpf_insn *insns, int count)
{
	union bpf_attr attr = {
		.prog_type = (uint32_t)type,
		.expected_attach_type = (uint32_t)attach_type,
		.insns = (uint64_t)(uintptr_t)insns,
		.insn_cnt = (uint32_t)count,
		.license = (uint64_t)(uintptr_t)"Dual MIT/GPL",
	};
	if (attach_func) {
		int id = vmlinux_func_id(attach_func);
		if (id < 0)
			return -EOPNOTSUPP;
		attr.attach_btf_id = (uint32_t)id;
	}
	int fd = bpf(BPF_PROG_LOAD, &attr, sizeof(attr));
	if (fd < 0 && getenv("ORACLE_VERBOSE")) {
		attr.log_level = 1;
		attr.log_buf = (uint64_t)(uintptr_t)verifier_log;
		attr.log_size = sizeof(verifier_log);
		bpf(BPF_PROG_LOAD, &attr, sizeof(attr));
		fprintf(stderr, "%s\n", verifier_log);
	}
	return fd;
}

/* An array map of one value that we can also read and write in place. */
static int args_map(uint32_t size, uint8_t **bytes)
{
	union bpf_attr attr = {
		.map_type = BPF_MAP_TYPE_ARRAY,
		.key_size = 4,
		.value_size = size,
		.max_entries = 1,
		.map_flags = BPF_F_MMAPABLE,
	};
	int fd = bpf(BPF_MAP_CREATE, &attr, sizeof(attr));
	if (fd >= 0) {
		*bytes = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		if (*bytes == MAP_FAILED) {
			close(fd);
			return -ENOMEM;
		}
	}
	return fd;
}

/* The program that gets (or deletes) at the socket whose descriptor args names. */
static int build(const struct handle *map, bool deletes, int write_offset)
{
	const int init = sizeof(struct args);
	const int found = init + (int)((map->value_size + 7) & ~7u);
	/* r6: the socket; r8: args. */
	struct bpf_insn insns[64] = {
		LOAD(BPF_DW, 7, 1, 24), /* the file */
		LOAD(BPF_W, 6, 1, 16),  /* its descriptor */
		IF(BPF_JNE, 7, 0, 2), SET(0, 0), EXIT,
		MAP_BYTES(8, map->args_fd),
		LOAD(BPF_W, 2, 8, offsetof(struct args, fd)),
		IFX(BPF_JEQ, 6, 2, 2), SET(0, 0), EXIT,
		MOV(1, 7), CALL(HELPER_sock_from_file),
		IF(BPF_JNE, 0, 0, 2), SET(0, 0), EXIT,
		LOAD(BPF_DW, 6, 0, 24), /* socket->sk */
		IF(BPF_JNE, 6, 0, 2), SET(0, 0), EXIT,
	};
	int n = 20;

	insns[n++] = MOV(2, 6);
	if (deletes) {
		struct bpf_insn rest[] = { MAP_PTR(1, map->fd), CALL(HELPER_sk_storage_delete),
					   STORE(BPF_DW, 8, offsetof(struct args, result), 0), SET(0, 0), EXIT };
		memcpy(insns + n, rest, sizeof(rest));
		n += sizeof(rest) / sizeof(*rest);
	} else {
		struct bpf_insn rest[] = {
			SET(3, 0), LOAD(BPF_W, 5, 8, offsetof(struct args, has_init)),
			IF(BPF_JEQ, 5, 0, 2), MOV(3, 8), ADD(3, init),
			LOAD(BPF_DW, 4, 8, offsetof(struct args, flags)), MAP_PTR(1, map->fd),
			CALL(HELPER_sk_storage_get),
			IF(BPF_JNE, 0, 0, 2), SET(0, 0), EXIT,
			MOV(7, 0),
			STORE_I(BPF_DW, 8, offsetof(struct args, result), 1),
			MOV(1, 8), ADD(1, found), SET(2, (int)map->value_size), MOV(3, 7), CALL(HELPER_probe_read_kernel),
		};
		memcpy(insns + n, rest, sizeof(rest));
		n += sizeof(rest) / sizeof(*rest);
		if (write_offset >= 0) {
			struct bpf_insn writes[] = { LOAD(BPF_W, 5, 8, offsetof(struct args, has_write)), IF(BPF_JEQ, 5, 0, 2),
						     LOAD(BPF_W, 5, 8, offsetof(struct args, write)),
						     STORE(BPF_W, 7, (short)write_offset, 5) };
			memcpy(insns + n, writes, sizeof(writes));
			n += 4;
		}
		insns[n++] = SET(0, 0);
		insns[n++] = EXIT;
	}
	return load_program(BPF_PROG_TYPE_TRACING, BPF_TRACE_ITER, "bpf_iter_task_file", insns, n);
}

static uint8_t *args_of[MAX_HANDLES];

void map_forget_programs(struct handle *map)
{
	const int n = (int)(map - maps);
	const size_t size = sizeof(struct args) + 2 * ((map->value_size + 7) & ~7u);
	for (int i = 0; i < 2; i++) {
		if (map->prog_link[i] >= 0)
			close(map->prog_link[i]);
		if (map->prog_fd[i] >= 0)
			close(map->prog_fd[i]);
		map->prog_link[i] = map->prog_fd[i] = -1;
	}
	if (map->args_fd >= 0) {
		munmap(args_of[n], size);
		close(map->args_fd);
	}
	map->args_fd = -1;
}

static int prepare(struct handle *map, bool deletes, int write_offset)
{
	const uint32_t size = sizeof(struct args) + 2 * ((map->value_size + 7) & ~7u);
	if (map->fd == CLOSED_FD)
		return -EBADF;
	if (map->args_fd < 0 && (map->args_fd = args_map(size, &args_of[map - maps])) < 0)
		return map->args_fd;
	if (map->prog_fd[deletes] < 0 && (map->prog_fd[deletes] = build(map, deletes, write_offset)) < 0)
		return map->prog_fd[deletes];
	if (map->prog_link[deletes] < 0)
		map->prog_link[deletes] = attach_iterator(map->prog_fd[deletes], -1);
	return map->prog_link[deletes];
}

/*
 * prog get m0 KEY FLAGS INIT WRITE_OFFSET [WRITE]: "ok null", or "ok HEX" with the value as found before the write
 * prog del m0 KEY
 */
void cmd_prog(void)
{
	struct handle *map = handle_of(word[2], 'm');
	bool deletes = !strcmp(word[1], "del");
	int link = prepare(map, deletes, deletes ? -1 : atoi(word[6]));
	uint8_t nothing[8];

	if (link < 0) {
		answer(link);
		return;
	}
	uint8_t *bytes = args_of[map - maps];
	struct args *args = (struct args *)bytes;
	*args = (struct args){ .fd = own_fd_of(word[3]), .result = deletes ? -EBADF : 0 };
	if (!deletes) {
		args->flags = strtoull(word[4], NULL, 10);
		args->has_init = word[5][0] != '-';
		hex_to_bytes(word[5], bytes + sizeof(*args), map->value_size);
		args->has_write = words > 7;
		args->write = words > 7 ? (int32_t)strtol(word[7], NULL, 10) : 0;
	}
	int err = read_iterator(link, nothing, sizeof(nothing));
	if (err < 0)
		answer(err);
	else if (deletes)
		answer(args->result);
	else if (args->result == 0)
		printf("ok null\n");
	else {
		printf("ok ");
		print_hex(bytes + sizeof(*args) + ((map->value_size + 7) & ~7u), map->value_size);
		printf("\n");
	}
}
