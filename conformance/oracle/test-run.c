/*
 * BPF_PROG_TEST_RUN gives a program a packet with one dummy socket, made for the run and gone after it.
 */
#include "insn.h"

#define MAX_STEPS 12

/*
 * testrun m0 STEP...: gN (get with flags N and no value), d (delete). "ok" and a digit for each step: 0 for NULL or success of a
 * delete, 1 for a value, 2 for -ENOENT, 3 for another error.
 */
void cmd_testrun(void)
{
	struct handle *map = handle_of(word[1], 'm');
	/* r6: the socket; r7: the answers, two bits each. skb->sk stands at 168 of struct __sk_buff. */
	struct bpf_insn insns[20 * MAX_STEPS] = {
		LOAD(BPF_DW, 1, 1, offsetof(struct __sk_buff, sk)),
		IF(BPF_JNE, 1, 0, 2), SET(0, 0), EXIT,
		CALL(HELPER_sk_fullsock),
		IF(BPF_JNE, 0, 0, 2), SET(0, 0), EXIT,
		MOV(6, 0), SET(7, 0),
	};
	uint8_t packet[64] = { [12] = 8 };
	int n = 10, steps = words - 2 > MAX_STEPS ? MAX_STEPS : words - 2;

	for (int i = 0; i < steps; i++) {
		const char *step = word[2 + i];
		struct bpf_insn common[] = { SHL(7, 2), MOV(2, 6), MAP_PTR(1, map->fd) };
		memcpy(insns + n, common, sizeof(common));
		n += 4;
		if (step[0] == 'g') {
			struct bpf_insn get[] = { SET(3, 0), SET(4, atoi(step + 1)), CALL(HELPER_sk_storage_get), IF(BPF_JEQ, 0, 0, 1), ADD(7, 1) };
			memcpy(insns + n, get, sizeof(get));
			n += 5;
		} else {
			struct bpf_insn del[] = { CALL(HELPER_sk_storage_delete), IF(BPF_JEQ, 0, 0, 3), ADD(7, 2), IF(BPF_JEQ, 0, -ENOENT, 1), ADD(7, 1) };
			memcpy(insns + n, del, sizeof(del));
			n += 5;
		}
	}
	insns[n++] = MOV(0, 7);
	insns[n++] = EXIT;

	int fd = load_program(BPF_PROG_TYPE_SCHED_CLS, 0, NULL, insns, n);
	if (fd < 0) {
		answer(fd);
		return;
	}
	union bpf_attr attr = { .test = { .prog_fd = (uint32_t)fd, .data_in = (uint64_t)(uintptr_t)packet, .data_size_in = sizeof(packet) } };
	int err = bpf(BPF_PROG_TEST_RUN, &attr, sizeof(attr));
	close(fd);
	if (err < 0) {
		answer(err);
		return;
	}
	printf("ok ");
	for (int i = steps - 1; i >= 0; i--)
		printf("%u", attr.test.retval >> (2 * i) & 3);
	printf("\n");
}
