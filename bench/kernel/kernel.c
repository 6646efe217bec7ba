/*
 * The running kernel by BPF_PROG_TEST_RUN: runs one program many times on one packet with one dummy socket, and prints nanoseconds a run.
 *
 *   kernel empty|sk-storage|hash-by-cookie|hash-by-tuple MS
 *   kernel object MS ...      (see object.c)
 */
#define _GNU_SOURCE
#include "bench.h"
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define INSN(c, d, s, o, i) ((struct bpf_insn){.code = (c), .dst_reg = (d), .src_reg = (s), .off = (o), .imm = (i)})
#define MOV(d, s) INSN(BPF_ALU64 | BPF_MOV | BPF_X, d, s, 0, 0)
#define SET(d, i) INSN(BPF_ALU64 | BPF_MOV | BPF_K, d, 0, 0, i)
#define ADD(d, i) INSN(BPF_ALU64 | BPF_ADD | BPF_K, d, 0, 0, i)
#define LOAD(size, d, s, o) INSN(BPF_LDX | BPF_MEM | (size), d, s, o, 0)
#define STORE(size, d, o, s) INSN(BPF_STX | BPF_MEM | (size), d, s, o, 0)
#define STORE_I(size, d, o, i) INSN(BPF_ST | BPF_MEM | (size), d, 0, o, i)
#define IF(op, d, i, o) INSN(BPF_JMP | (op) | BPF_K, d, 0, o, i)
#define IFX(op, d, s, o) INSN(BPF_JMP | (op) | BPF_X, d, s, o, 0)
#define CALL(f) INSN(BPF_JMP | BPF_CALL, 0, 0, 0, f)
#define EXIT INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)
#define MAP_PTR(d, fd) INSN(BPF_LD | BPF_DW | BPF_IMM, d, BPF_PSEUDO_MAP_FD, 0, fd), INSN(0, 0, 0, 0, 0)

/* Runs in one system call: one batch. */
enum { REPEAT = 10000 };

enum { MAP_LOOKUP = 1, MAP_UPDATE = 2, GET_SOCKET_COOKIE = 46, SK_FULLSOCK = 95, SK_STORAGE_GET = 107 };

int bpf(const char *what, int cmd, union bpf_attr *attr) {
  long result = syscall(SYS_bpf, cmd, attr, sizeof(*attr));
  if (result >= 0) return (int)result;
  fprintf(stderr, "%s: %s\n", what, strerror(errno));
  exit(1);
}

/* Two integer types, for key and value: what sk storage asks for. */
static int load_btf(void) {
  static const char strings[] = "\0int";
  uint32_t types[] = {1, 1u << 24, 4, 1u << 24 | 32, 1, 1u << 24, 4, 32};
  struct {
    uint16_t magic;
    uint8_t version, flags;
    uint32_t header_length, type_offset, type_length, string_offset, string_length;
    uint32_t types[8];
    char strings[sizeof(strings)];
  } __attribute__((packed)) btf = {0xeb9f, 1, 0, 24, 0, sizeof(types), sizeof(types), sizeof(strings), {0}, {0}};
  memcpy(btf.types, types, sizeof(types));
  memcpy(btf.strings, strings, sizeof(strings));
  union bpf_attr attr = {.btf = (uintptr_t)&btf, .btf_size = sizeof(btf)};
  return bpf("BPF_BTF_LOAD", BPF_BTF_LOAD, &attr);
}

static int create_map(uint32_t type, uint32_t key_size) {
  union bpf_attr attr = {.map_type = type, .key_size = key_size, .value_size = 4, .max_entries = 4096};
  if (type == BPF_MAP_TYPE_SK_STORAGE) {
    attr.max_entries = 0;
    attr.map_flags = BPF_F_NO_PREALLOC;
    attr.btf_fd = (uint32_t)load_btf();
    attr.btf_key_type_id = 1;
    attr.btf_value_type_id = 2;
  }
  return bpf("BPF_MAP_CREATE", BPF_MAP_CREATE, &attr);
}

/* The value at r0: add one, and return it. */
#define BUMP LOAD(BPF_W, 1, 0, 0), ADD(1, 1), STORE(BPF_W, 0, 0, 1), MOV(0, 1), EXIT
/* The value of the key on the stack at `at`, made if there is none. */
#define LOOKUP_AND_BUMP(map, at)                                                                                     \
  MOV(2, 10), ADD(2, at), MAP_PTR(1, map), CALL(MAP_LOOKUP), IF(BPF_JNE, 0, 0, 11), STORE_I(BPF_W, 10, -24, 1),      \
      MOV(2, 10), ADD(2, at), MOV(3, 10), ADD(3, -24), MAP_PTR(1, map), SET(4, 0), CALL(MAP_UPDATE), SET(0, 0),      \
      EXIT, BUMP

static int load(const struct bpf_insn *insns, size_t count) {
  union bpf_attr attr = {
      .prog_type = BPF_PROG_TYPE_SCHED_CLS,
      .insns = (uintptr_t)insns,
      .insn_cnt = (uint32_t)count,
      .license = (uintptr_t) "Dual MIT/GPL",
  };
  return bpf("BPF_PROG_LOAD", BPF_PROG_LOAD, &attr);
}

#define LOAD_PROGRAM(...)                                                       \
  ({                                                                            \
    struct bpf_insn insns[] = {__VA_ARGS__};                                    \
    load(insns, sizeof(insns) / sizeof(*insns));                                \
  })

static int program(const char *what) {
  if (!strcmp(what, "empty")) return LOAD_PROGRAM(SET(0, 0), EXIT);
  if (!strcmp(what, "sk-storage")) {
    int map = create_map(BPF_MAP_TYPE_SK_STORAGE, 4);
    return LOAD_PROGRAM(LOAD(BPF_DW, 1, 1, offsetof(struct __sk_buff, sk)), IF(BPF_JNE, 1, 0, 2), SET(0, 0), EXIT,
                        CALL(SK_FULLSOCK), IF(BPF_JNE, 0, 0, 2), SET(0, 0), EXIT, MOV(2, 0), MAP_PTR(1, map), SET(3, 0),
                        SET(4, 1), CALL(SK_STORAGE_GET), IF(BPF_JNE, 0, 0, 2), SET(0, 0), EXIT, BUMP);
  }
  if (!strcmp(what, "hash-by-cookie")) {
    int map = create_map(BPF_MAP_TYPE_HASH, 8);
    return LOAD_PROGRAM(CALL(GET_SOCKET_COOKIE), STORE(BPF_DW, 10, -8, 0), LOOKUP_AND_BUMP(map, -8));
  }
  if (!strcmp(what, "hash-by-tuple")) {
    int map = create_map(BPF_MAP_TYPE_HASH, 12);
    /* Addresses and ports behind 14 bytes of Ethernet and 12 of IPv4. */
    return LOAD_PROGRAM(LOAD(BPF_W, 2, 1, offsetof(struct __sk_buff, data)),
                        LOAD(BPF_W, 3, 1, offsetof(struct __sk_buff, data_end)), MOV(4, 2), ADD(4, 38),
                        IFX(BPF_JLE, 4, 3, 2), SET(0, 0), EXIT, LOAD(BPF_W, 5, 2, 26), STORE(BPF_W, 10, -16, 5),
                        LOAD(BPF_W, 5, 2, 30), STORE(BPF_W, 10, -12, 5), LOAD(BPF_W, 5, 2, 34),
                        STORE(BPF_W, 10, -8, 5), LOOKUP_AND_BUMP(map, -16));
  }
  fprintf(stderr, "kernel: expected empty, sk-storage, hash-by-cookie or hash-by-tuple\n");
  exit(2);
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e9 + t.tv_nsec;
}

int measure(int fd, double ms, uint32_t least) {
  /* IPv4 without options. */
  uint8_t packet[64] = {[12] = 8, [14] = 0x45, [26] = 10, [30] = 10, [34] = 1};
  double best = 1e300, end = now() + ms * 1e6;
  do {
    union bpf_attr attr = {.test = {.prog_fd = (uint32_t)fd,
                                    .data_in = (uintptr_t)packet,
                                    .data_size_in = sizeof(packet),
                                    .repeat = REPEAT}};
    double begin = now();
    bpf("BPF_PROG_TEST_RUN", BPF_PROG_TEST_RUN, &attr);
    double spent = (now() - begin) / REPEAT;
    if (spent < best) best = spent;
    if (attr.test.retval < least) {
      fprintf(stderr, "kernel: got %u from the last run, expected at least %u\n", attr.test.retval, least);
      return 1;
    }
  } while (now() < end);
  printf("%.3f\n", best);
  return 0;
}

int main(int argc, char **argv) {
  if (argc >= 4 && !strcmp(argv[1], "object")) return object(argc - 2, argv + 2);
  if (argc != 3) {
    fprintf(stderr, "kernel: expected a program and milliseconds\n");
    return 2;
  }
  /* All but the empty one return their counter. */
  return measure(program(argv[1]), atof(argv[2]), strcmp(argv[1], "empty") ? REPEAT : 0);
}
