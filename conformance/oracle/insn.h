/* BPF instructions, one by one. */
#ifndef INSN_H
#define INSN_H

#include "oracle.h"

#define INSN(c, d, s, o, i) ((struct bpf_insn){ .code = (c), .dst_reg = (d), .src_reg = (s), .off = (o), .imm = (i) })
#define MOV(d, s) INSN(BPF_ALU64 | BPF_MOV | BPF_X, d, s, 0, 0)
#define SET(d, i) INSN(BPF_ALU64 | BPF_MOV | BPF_K, d, 0, 0, i)
#define ADD(d, i) INSN(BPF_ALU64 | BPF_ADD | BPF_K, d, 0, 0, i)
#define ADDX(d, s) INSN(BPF_ALU64 | BPF_ADD | BPF_X, d, s, 0, 0)
#define SHL(d, i) INSN(BPF_ALU64 | BPF_LSH | BPF_K, d, 0, 0, i)
#define LOAD(size, d, s, o) INSN(BPF_LDX | BPF_MEM | (size), d, s, o, 0)
#define STORE(size, d, o, s) INSN(BPF_STX | BPF_MEM | (size), d, s, o, 0)
#define STORE_I(size, d, o, i) INSN(BPF_ST | BPF_MEM | (size), d, 0, o, i)
#define JUMP(o) INSN(BPF_JMP | BPF_JA, 0, 0, o, 0)
#define IF(op, d, i, o) INSN(BPF_JMP | (op) | BPF_K, d, 0, o, i)
#define IFX(op, d, s, o) INSN(BPF_JMP | (op) | BPF_X, d, s, o, 0)
#define CALL(f) INSN(BPF_JMP | BPF_CALL, 0, 0, 0, f)
#define EXIT INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)
/* Two instructions each: a map, and the first byte of an array map's value. */
#define MAP_PTR(d, fd) INSN(BPF_LD | BPF_DW | BPF_IMM, d, BPF_PSEUDO_MAP_FD, 0, fd), INSN(0, 0, 0, 0, 0)
#define MAP_BYTES(d, fd) INSN(BPF_LD | BPF_DW | BPF_IMM, d, BPF_PSEUDO_MAP_VALUE, 0, fd), INSN(0, 0, 0, 0, 0)

/* Helpers by number, so that headers of any age do. */
enum {
	HELPER_get_socket_cookie = 46,
	HELPER_sk_fullsock = 95,
	HELPER_sk_storage_get = 107,
	HELPER_sk_storage_delete = 108,
	HELPER_probe_read_kernel = 113,
	HELPER_seq_write = 127,
	HELPER_sock_from_file = 162,
};

int load_program(int type, int attach_type, const char *attach_func, const struct bpf_insn *insns, int count);
int attach_iterator(int prog_fd, int map_fd);
int read_iterator(int link_fd, uint8_t *bytes, int room);

#endif
