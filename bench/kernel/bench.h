#ifndef BENCH_H
#define BENCH_H

#include <linux/bpf.h>
#include <stdint.h>

int bpf(const char *what, int cmd, union bpf_attr *attr);
/* Runs a program for so many milliseconds in batches and prints nanoseconds a run in the fastest. Its last run must return at least
 * `least`: had it found no counter, it would return 0. */
int measure(int fd, double ms, uint32_t least);
/* kernel.c's `object`: argv[0] are the milliseconds. */
int object(int argc, char **argv);

#endif
