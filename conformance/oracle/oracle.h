/*
 * The oracle: asks the running Linux kernel what it does with socket-local storage.
 *
 * One command a line on stdin, one answer a line on stdout: "ok", "ok PAYLOAD" or "err ERRNO". Things are named by handles that the
 * commands choose: b3 is a BTF object, m0 a map, s12 a socket. Raw system calls only; numbers that older headers lack are given here.
 */
#ifndef ORACLE_H
#define ORACLE_H

#define _GNU_SOURCE
#include <errno.h>
#include <linux/bpf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Handles of each kind; commands beyond are refused, which bounds what the oracle can hold. */
#define MAX_HANDLES 128
/* The largest value of sk storage is below it. */
#define MAX_VALUE 65536
/* No descriptor of ours is ever this one: what a closed handle stands for. */
#define CLOSED_FD 1000000

/* What commands may name. */
struct handle {
	int fd;             /* CLOSED_FD when closed or never opened */
	int peer;           /* of a connected socket: its other end, or -1 */
	uint64_t cookie;    /* of a socket */
	uint32_t id;        /* of a map or BTF object */
	uint32_t value_size;
	int prog_fd[2];     /* of a map: programs that get and delete, or -1 */
	int prog_link[2];
	int args_fd;        /* of a map: what its programs are told, or -1 */
};

extern struct handle btfs[MAX_HANDLES], maps[MAX_HANDLES], socks[MAX_HANDLES];

/* The words of the command being run. */
extern char *word[];
extern int words;

/* syscall.c */
int bpf(int cmd, union bpf_attr *attr, unsigned size);
int own_fd_of(const char *spec);
struct handle *handle_of(const char *spec, char kind);
unsigned hex_to_bytes(const char *hex, uint8_t *bytes, unsigned room);
void print_hex(const uint8_t *bytes, unsigned count);
void answer(long result);
uint8_t *guarded(const uint8_t *bytes, unsigned count);

/* vmlinux.c */
int vmlinux_func_id(const char *name);

/* the commands: maps.c, sockets.c, programs.c, iterate.c, diag.c */
void cmd_btf(void);
void cmd_btfinfo(void);
void cmd_map(void);
void cmd_byid(void);
void cmd_info(void);
void cmd_update(void);
void cmd_lookup(void);
void cmd_lookup_and_delete(void);
void cmd_delete(void);
void cmd_next(void);
void cmd_freeze(void);
void cmd_batch(void);
void cmd_close(void);
void cmd_optmem(void);
void cmd_sock(void);
void cmd_accept(void);
void cmd_omem(void);
void cmd_settle(void);
void cmd_caps(void);
void cmd_prog(void);
void cmd_testrun(void);
void cmd_bytecode(void);
void cmd_effects(void);
void cmd_egress(void);
void cmd_first(void);
void cmd_iter(void);
void cmd_dump(void);

int set_caps(bool all);
int sockets_setup(void);
int new_udp(int family);
int set_optmem(long bytes);
long get_optmem(void);
uint64_t cookie_of(int fd);
int sock_by_cookie(uint64_t cookie);
int map_by_id(uint32_t id);
int omem_of(int fd);
void map_forget_programs(struct handle *map);
void map_will_close(struct handle *map);

#endif
