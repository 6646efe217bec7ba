/* The memory and its allocator: a magazine per CPU and size, a depot behind them, fresh memory at the end. As src/shared/slab.ts. */
#define _GNU_SOURCE
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "sk-storage.h"

struct machine machine;

static const int SIZES[CLASSES] = {16, 32};

void machine_init(int cpus, int64_t bytes) {
  machine.words = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (machine.words == MAP_FAILED) {
    perror("mmap");
    exit(1);
  }
  machine.brk = 16;
  machine.end = bytes / 4;
  machine.cpu_count = cpus;
  machine.started = machine.completed = 2;
  for (int id = 0; id < cpus; id++) machine.cpus[id].id = id;
}

void spin_wait(word *lock, word me) {
  for (int spin = 0;; spin++) {
    if (__atomic_load_n(lock, __ATOMIC_RELAXED) == 0 && cmpxchg(lock, 0, me) == 0) return;
    if (spin < 100) __builtin_ia32_pause();
    else sched_yield();
  }
}

/* `size` words that nobody had before. The array is never used up: main.c asks for what its case needs. */
word alloc_fresh(int64_t size) {
  int64_t object = __atomic_fetch_add(&machine.brk, size, __ATOMIC_SEQ_CST);
  if (object + size > machine.end) {
    fprintf(stderr, "native: out of memory\n");
    exit(1);
  }
  return (word)object;
}

static word refill(struct cpu *cpu, int class) {
  word *w = machine.words;
  struct magazine *magazine = &cpu->magazines[class];
  struct depot *depot = &machine.depots[class];
  int want = 1 + MAGAZINE_LIMIT / 2;
  spin_lock(cpu, &depot->lock);
  word object = depot->head;
  if (object != 0) {
    word last = object;
    int got = 1;
    for (; got < want && w[last] != 0; got++) last = w[last];
    depot->head = w[last];
    w[last] = 0;
    spin_unlock(&depot->lock);
    magazine->head = w[object];
    magazine->count = got - 1;
    return object;
  }
  spin_unlock(&depot->lock);
  object = alloc_fresh((int64_t)want * SIZES[class]);
  word head = 0;
  for (int i = want - 1; i > 0; i--) {
    w[object + i * SIZES[class]] = head;
    head = object + i * SIZES[class];
  }
  magazine->head = head;
  magazine->count = want - 1;
  return object;
}

word alloc(struct cpu *cpu, int class) {
  struct magazine *magazine = &cpu->magazines[class];
  word object = magazine->head;
  if (object == 0) return refill(cpu, class);
  magazine->head = machine.words[object];
  magazine->count--;
  return object;
}

/* Full: the recent half goes to the depot. */
static void flush(struct cpu *cpu, int class) {
  word *w = machine.words;
  struct magazine *magazine = &cpu->magazines[class];
  struct depot *depot = &machine.depots[class];
  int half = magazine->count / 2;
  word first = magazine->head, last = first;
  for (int i = 1; i < half; i++) last = w[last];
  magazine->head = w[last];
  magazine->count -= half;
  spin_lock(cpu, &depot->lock);
  w[last] = depot->head;
  depot->head = first;
  spin_unlock(&depot->lock);
}

void release(struct cpu *cpu, int class, word object) {
  struct magazine *magazine = &cpu->magazines[class];
  if (magazine->count >= MAGAZINE_LIMIT) flush(cpu, class);
  machine.words[object] = magazine->head;
  magazine->head = object;
  magazine->count++;
}
