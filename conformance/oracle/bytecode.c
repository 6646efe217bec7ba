/*
 * Programs as bytes: what the verifier says of them, and what BPF_PROG_TEST_RUN makes them return and leave behind.
 */
#include "oracle.h"

#define MOST_INSNS 4096
/* The log of a refused program ends with why; what stands before that grows with the program. */
#define LOG_SIZE (1 << 22)

static char verifier_log[LOG_SIZE];

/* The last line of the log that says why: statistics and states come behind it. */
static const char *last_words(void)
{
	char *end = verifier_log + strlen(verifier_log);
	while (end > verifier_log) {
		while (end > verifier_log && end[-1] == '\n')
			*--end = 0;
		char *line = end;
		while (line > verifier_log && line[-1] != '\n')
			line--;
		static const char *const remarks[] = { "processed ", "verification time", "stack depth", "old state:", "cur state:" };
		bool remark = false;
		for (size_t i = 0; i < sizeof(remarks) / sizeof(*remarks); i++)
			remark |= !strncmp(line, remarks[i], strlen(remarks[i]));
		if (!remark)
			return line;
		end = line;
		*end = 0;
	}
	return "";
}

/* The instruction that the verifier was at: the last that it printed, as "12: (b7) r1 = 0"; -1 for none. */
static int last_instruction(void)
{
	int at = -1;
	for (char *line = verifier_log; line; line = strchr(line, '\n'), line = line ? line + 1 : NULL) {
		int found, end = 0;
		if (sscanf(line, "%d: (%n", &found, &end) == 1 && end > 0)
			at = found;
	}
	return at;
}

/* Loads a program, its maps' descriptors put into its wide loads; prints "err ERRNO AT WHY" where it is refused. */
static int load(uint32_t type, uint32_t attach, const char *hex, int uses)
{
	static struct bpf_insn insns[MOST_INSNS];
	unsigned size = hex_to_bytes(hex, (uint8_t *)insns, sizeof(insns));
	union bpf_attr attr = {
		.prog_type = type,
		.expected_attach_type = attach,
		.insns = (uint64_t)(uintptr_t)insns,
		.insn_cnt = size / (uint32_t)sizeof(*insns),
		.license = (uint64_t)(uintptr_t)"GPL",
	};

	for (int i = uses; i < words; i++) {
		char *map = strchr(word[i], ':') + 1, *offset = strchr(map, ':');
		unsigned slot = (unsigned)strtoul(word[i], NULL, 10);
		if (offset)
			*offset++ = 0;
		insns[slot].src_reg = offset ? BPF_PSEUDO_MAP_VALUE : BPF_PSEUDO_MAP_FD;
		insns[slot].imm = handle_of(map, 'm')->fd;
		insns[slot + 1].imm = offset ? atoi(offset) : 0;
	}
	int fd = bpf(BPF_PROG_LOAD, &attr, sizeof(attr));
	if (fd >= 0)
		return fd;
	attr.log_level = 1;
	attr.log_buf = (uint64_t)(uintptr_t)verifier_log;
	attr.log_size = sizeof(verifier_log);
	verifier_log[0] = 0;
	int again = bpf(BPF_PROG_LOAD, &attr, sizeof(attr));
	if (again >= 0)
		close(again);
	int at = last_instruction();
	printf("err %d %d %s\n", -fd, at, last_words());
	return fd;
}

/*
 * bytecode TYPE ATTACH HEX [SLOT:MAP[:OFFSET]...]: loads the program. "ok" if it is accepted; for a type that can be run, with what it
 * returns, given 64 bytes of packet.
 */
void cmd_bytecode(void)
{
	uint32_t type = (uint32_t)strtoul(word[1], NULL, 10);
	int fd = load(type, (uint32_t)strtoul(word[2], NULL, 10), word[3], 4);
	if (fd < 0)
		return;
	if (type != BPF_PROG_TYPE_SCHED_CLS) {
		close(fd);
		printf("ok\n");
		return;
	}
	uint8_t packet[64] = { [12] = 8 };
	union bpf_attr run = { .test = { .prog_fd = (uint32_t)fd, .data_in = (uint64_t)(uintptr_t)packet, .data_size_in = sizeof(packet) } };
	int err = bpf(BPF_PROG_TEST_RUN, &run, sizeof(run));
	close(fd);
	if (err < 0)
		answer(err);
	else
		printf("ok %u\n", run.test.retval);
}

/* Keys that are filled and shown. */
#define KEYS 8
/* The largest value, on so many CPUs. */
static uint8_t element[64 * 1024];

static int on_element(int cmd, struct handle *map, uint32_t key)
{
	union bpf_attr attr = { .map_fd = (uint32_t)map->fd, .key = (uint64_t)(uintptr_t)&key };
	if (cmd != BPF_MAP_DELETE_ELEM)
		attr.value = (uint64_t)(uintptr_t)element;
	return bpf(cmd, &attr, sizeof(attr));
}

static uint32_t type_of(struct handle *map, uint32_t *entries)
{
	struct bpf_map_info info = { 0 };
	union bpf_attr attr = { .info = { .bpf_fd = (uint32_t)map->fd, .info_len = sizeof(info), .info = (uint64_t)(uintptr_t)&info } };
	bpf(BPF_OBJ_GET_INFO_BY_FD, &attr, sizeof(attr));
	*entries = info.max_entries;
	return info.type;
}

/* Byte b of the value at key k becomes 16 k + b + 1; a hash has keys 0 and 2; values of each CPU are zero. Returns 0 or an error. */
static int fill(struct handle *map)
{
	uint32_t entries, type = type_of(map, &entries);
	int err = 0;
	for (uint32_t key = 0; key < KEYS; key++) {
		if (type == BPF_MAP_TYPE_HASH)
			on_element(BPF_MAP_DELETE_ELEM, map, key);
		if (type == BPF_MAP_TYPE_HASH && key != 0 && key != 2)
			continue;
		memset(element, 0, sizeof(element));
		for (uint32_t b = 0; b < map->value_size && type != BPF_MAP_TYPE_PERCPU_ARRAY; b++)
			element[b] = (uint8_t)(16 * key + b + 1);
		/* Linux 6.18 may say of a hash that it is full although it is not: its free elements are kept by CPU, behind locks that it may give up on. */
		int result = -E2BIG;
		for (int tries = 0; tries < 100 && result == -E2BIG; tries++)
			result = on_element(BPF_MAP_UPDATE_ELEM, map, key);
		if (result < 0 && key < entries)
			err = result;
	}
	return err;
}

/* The values by their keys; of one of each CPU, of which one ran, all of them together. */
static void show(struct handle *map)
{
	unsigned step = (map->value_size + 7) & ~7u;
	printf(" ");
	for (uint32_t key = 0; key < KEYS; key++) {
		memset(element, 0, sizeof(element));
		if (on_element(BPF_MAP_LOOKUP_ELEM, map, key) == 0) {
			for (unsigned at = step; at + step <= sizeof(element); at += step)
				for (unsigned b = 0; b < map->value_size; b++)
					element[b] |= element[at + b];
			print_hex(element, map->value_size);
		}
		printf(key == KEYS - 1 ? "" : ",");
	}
}

/*
 * effects HEX MAPS [SLOT:MAP[:OFFSET]...]: loads a program of tc, fills the maps MAPS (m0,m1) and a context, runs it. "ok" with what it
 * returns, the context and the packet in hexadecimal, and of each map the values at its keys.
 */
void cmd_effects(void)
{
	struct handle *filled[MAX_HANDLES];
	int count = 0, fd = load(BPF_PROG_TYPE_SCHED_CLS, 0, word[1], 3);
	if (fd < 0)
		return;
	for (char *name = word[2]; name && count < MAX_HANDLES; name = strchr(name, ','), name = name ? name + 1 : NULL)
		filled[count++] = handle_of(name, 'm');
	for (int i = 0; i < count; i++) {
		int err = fill(filled[i]);
		if (err < 0) {
			close(fd);
			printf("err %d fill of %s\n", -err, word[2]);
			return;
		}
	}
	struct __sk_buff context = { .mark = 5, .priority = 6, .cb = { 1, 2, 3, 4, 5 }, .tstamp = 1000 };
	uint8_t packet[64] = { [12] = 8 }, after[64];
	union bpf_attr run = { .test = {
		.prog_fd = (uint32_t)fd,
		.data_in = (uint64_t)(uintptr_t)packet,
		.data_size_in = sizeof(packet),
		.data_out = (uint64_t)(uintptr_t)after,
		.data_size_out = sizeof(after),
		.ctx_in = (uint64_t)(uintptr_t)&context,
		.ctx_size_in = sizeof(context),
		.ctx_out = (uint64_t)(uintptr_t)&context,
		.ctx_size_out = sizeof(context),
	} };
	int err = bpf(BPF_PROG_TEST_RUN, &run, sizeof(run));
	close(fd);
	if (err < 0) {
		answer(err);
		return;
	}
	printf("ok %u ", run.test.retval);
	print_hex((uint8_t *)&context, sizeof(context));
	printf(" ");
	print_hex(after, run.test.data_size_out);
	for (int i = 0; i < count; i++)
		show(filled[i]);
	printf("\n");
}
