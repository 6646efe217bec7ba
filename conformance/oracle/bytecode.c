/*
 * Programs as bytes: what the verifier says of them, and what BPF_PROG_TEST_RUN makes them return.
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

/*
 * bytecode TYPE ATTACH HEX [SLOT:MAP[:OFFSET]...]: loads the program, with the maps' descriptors in its wide loads. "err ERRNO AT WHY"
 * if it is refused. "ok" if not; for a type that can be run, with what it returns, given 64 bytes of packet.
 */
void cmd_bytecode(void)
{
	static struct bpf_insn insns[MOST_INSNS];
	unsigned size = hex_to_bytes(word[3], (uint8_t *)insns, sizeof(insns));
	uint32_t type = (uint32_t)strtoul(word[1], NULL, 10);
	union bpf_attr attr = {
		.prog_type = type,
		.expected_attach_type = (uint32_t)strtoul(word[2], NULL, 10),
		.insns = (uint64_t)(uintptr_t)insns,
		.insn_cnt = size / (uint32_t)sizeof(*insns),
		.license = (uint64_t)(uintptr_t)"GPL",
	};

	for (int i = 4; i < words; i++) {
		char *map = strchr(word[i], ':') + 1, *offset = strchr(map, ':');
		unsigned slot = (unsigned)strtoul(word[i], NULL, 10);
		if (offset)
			*offset++ = 0;
		insns[slot].src_reg = offset ? BPF_PSEUDO_MAP_VALUE : BPF_PSEUDO_MAP_FD;
		insns[slot].imm = handle_of(map, 'm')->fd;
		insns[slot + 1].imm = offset ? atoi(offset) : 0;
	}
	int fd = bpf(BPF_PROG_LOAD, &attr, sizeof(attr));
	if (fd < 0) {
		attr.log_level = 1;
		attr.log_buf = (uint64_t)(uintptr_t)verifier_log;
		attr.log_size = sizeof(verifier_log);
		verifier_log[0] = 0;
		int again = bpf(BPF_PROG_LOAD, &attr, sizeof(attr));
		if (again >= 0)
			close(again);
		int at = last_instruction();
		printf("err %d %d %s\n", -fd, at, last_words());
		return;
	}
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
