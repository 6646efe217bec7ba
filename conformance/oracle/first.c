/*
 * The first packets of a socket, on two CPUs at once: an egress program that gets its storage with F_CREATE, and counts how often it is
 * given NULL.
 */
#include "insn.h"
#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <pthread.h>
#include <time.h>

#define ATTACH_TCX_EGRESS 47
#define MOST_SECONDS 6

static int sender_fd;
static unsigned round_begun, rounds_done;

static void *second_sender(void *unused)
{
	for (unsigned seen = 0;;) {
		unsigned begun;
		while ((begun = __atomic_load_n(&round_begun, __ATOMIC_ACQUIRE)) == seen)
			;
		seen = begun;
		if (sender_fd < 0)
			return unused;
		send(sender_fd, "x", 1, MSG_NOSIGNAL);
		__atomic_store_n(&rounds_done, seen, __ATOMIC_RELEASE);
	}
}

/* A fresh socket in each round; both threads send when they see the round begin. Returns the rounds, or -errno. */
static int play(int receiver, int rounds)
{
	struct sockaddr_in to;
	socklen_t length = sizeof(to);
	pthread_t second;
	time_t end = time(NULL) + MOST_SECONDS;
	int round = 0;

	if (getsockname(receiver, (struct sockaddr *)&to, &length))
		return -errno;
	round_begun = rounds_done = 0;
	if (pthread_create(&second, NULL, second_sender, NULL))
		return -EAGAIN;
	for (; round < rounds && time(NULL) < end; round++) {
		int fd = new_udp(AF_INET);
		if (fd < 0 || connect(fd, (struct sockaddr *)&to, length)) {
			close(fd);
			break;
		}
		sender_fd = fd;
		__atomic_store_n(&round_begun, (unsigned)round + 1, __ATOMIC_RELEASE);
		send(fd, "x", 1, MSG_NOSIGNAL);
		while (__atomic_load_n(&rounds_done, __ATOMIC_ACQUIRE) != (unsigned)round + 1)
			;
		close(fd);
	}
	sender_fd = -1;
	__atomic_store_n(&round_begun, (unsigned)round + 1, __ATOMIC_RELEASE);
	pthread_join(second, NULL);
	return round;
}

/* first m0 ROUNDS: "ok ROUNDS COUNTED NULLS", the rounds that there was time for, the packets that were given a value, and those that
 * were given NULL. */
void cmd_first(void)
{
	struct handle *map = handle_of(word[1], 'm');
	union bpf_attr made = { .map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 16, .max_entries = 1 };
	int counts = bpf(BPF_MAP_CREATE, &made, sizeof(made)), receiver = new_udp(AF_INET), fd = -1, link = -1;
	/* r6: the socket; r7: which of the two counts goes up. Of UDP alone: others send on the device, too. */
	struct bpf_insn insns[] = {
		LOAD(BPF_DW, 1, 1, offsetof(struct __sk_buff, sk)), IF(BPF_JNE, 1, 0, 2), SET(0, 0), EXIT,
		CALL(HELPER_sk_fullsock), IF(BPF_JNE, 0, 0, 2), SET(0, 0), EXIT,
		MOV(6, 0), LOAD(BPF_W, 1, 6, offsetof(struct bpf_sock, protocol)), IF(BPF_JEQ, 1, IPPROTO_UDP, 2), SET(0, 0), EXIT,
		MOV(2, 6), MAP_PTR(1, map->fd), SET(3, 0), SET(4, 1), CALL(HELPER_sk_storage_get),
		MAP_BYTES(1, counts), IF(BPF_JEQ, 0, 0, 1), ADD(1, 8),
		SET(2, 1), INSN(BPF_STX | BPF_ATOMIC | BPF_DW, 1, 2, 0, BPF_ADD), SET(0, 0), EXIT,
	};

	if (counts >= 0)
		fd = load_program(BPF_PROG_TYPE_SCHED_CLS, ATTACH_TCX_EGRESS, NULL, insns, sizeof(insns) / sizeof(*insns));
	if (fd >= 0) {
		union bpf_attr attr = { .link_create = {
			.prog_fd = (uint32_t)fd,
			.target_fd = if_nametoindex("lo"),
			.attach_type = ATTACH_TCX_EGRESS,
		} };
		link = bpf(BPF_LINK_CREATE, &attr, sizeof(attr));
	}
	int err = counts < 0 ? counts : fd < 0 ? fd : link < 0 ? link : receiver < 0 ? -errno : play(receiver, atoi(word[2]));
	uint64_t seen[2] = { 0, 0 };
	uint32_t key = 0;
	union bpf_attr look = { .map_fd = (uint32_t)counts, .key = (uint64_t)(uintptr_t)&key, .value = (uint64_t)(uintptr_t)seen };
	if (err >= 0 && bpf(BPF_MAP_LOOKUP_ELEM, &look, sizeof(look)) < 0)
		err = -errno;
	int opened[] = { link, fd, counts, receiver };
	for (int i = 0; i < 4; i++)
		if (opened[i] >= 0)
			close(opened[i]);
	if (err < 0)
		answer(err);
	else
		printf("ok %d %llu %llu\n", err, (unsigned long long)seen[1], (unsigned long long)seen[0]);
}
