/*
 * Measures the C reference and prints one number: nanoseconds a run, or for `scale` operations a second over all threads.
 *
 *   native empty MS | headline MS | create-delete MS | teardown COUNT MS | scale OPERATION THREADS all|own MS LOG
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sk-storage.h"

enum { SOCKETS = 4096, ORDERS = 8, PACKETS = SOCKETS * ORDERS, OWN_SOCKETS = 64 };

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e9 + t.tv_nsec;
}

static uint32_t seed = 20190427;

static uint32_t below(uint32_t n) {
  seed ^= seed << 13;
  seed ^= seed >> 17;
  seed ^= seed << 5;
  return seed % n;
}

static word packets[PACKETS];

/* Sockets in shuffled order, one order after the other, and the storage of each made when its first packet comes. */
static word setting(struct cpu *cpu) {
  static word sockets[SOCKETS];
  word map = map_create(1);
  for (int i = 0; i < SOCKETS; i++) sockets[i] = sock_create(cpu);
  for (int order = 0; order < ORDERS; order++) {
    word *ring = packets + order * SOCKETS;
    memcpy(ring, sockets, sizeof sockets);
    for (int i = SOCKETS - 1; i > 0; i--) {
      int j = below(i + 1);
      word swap = ring[i];
      ring[i] = ring[j];
      ring[j] = swap;
    }
  }
  return map;
}

static __attribute__((noinline)) void empty_batch(struct cpu *cpu) {
  word seen = 0;
  for (int i = 0; i < PACKETS; i++) {
    rcu_read_lock(cpu);
    seen ^= packets[i];
    rcu_read_unlock(cpu);
    rcu_quiescent_state(cpu);
  }
  if (seen != 0) exit(1);
}

static __attribute__((noinline)) void headline_batch(struct cpu *cpu, word map) {
  for (int i = 0; i < PACKETS; i++) {
    rcu_read_lock(cpu);
    word value = storage_get(cpu, map, packets[i]);
    if (value != 0) machine.words[value]++;
    rcu_read_unlock(cpu);
    rcu_quiescent_state(cpu);
  }
}

static __attribute__((noinline)) void create_delete_batch(struct cpu *cpu, word map) {
  for (int i = 0; i < SOCKETS; i++) {
    rcu_read_lock(cpu);
    if (storage_get(cpu, map, packets[i]) == 0) exit(1);
    if (storage_delete(cpu, map, packets[i]) != 0) exit(1);
    rcu_read_unlock(cpu);
    rcu_quiescent_state(cpu);
  }
}

/* The fastest batch of those that fit into `ms`: whatever else the machine does only ever adds. */
static double fastest(struct cpu *cpu, word map, const char *what, double ms) {
  double best = 1e300, end = now() + ms * 1e6;
  int count = strcmp(what, "create-delete") == 0 ? SOCKETS : PACKETS;
  do {
    double begin = now();
    if (strcmp(what, "empty") == 0) empty_batch(cpu);
    else if (strcmp(what, "headline") == 0) headline_batch(cpu, map);
    else create_delete_batch(cpu, map);
    double spent = (now() - begin) / count;
    if (spent < best) best = spent;
  } while (now() < end);
  return best;
}

/* Map free of `count` elements, each the only one of its socket; the fastest of those that fit into `ms`. The sockets stay. */
static double teardown(struct cpu *cpu, int count, double ms) {
  word *sockets = malloc(sizeof(word) * (size_t)count);
  double best = 1e300, end = now() + ms * 1e6;
  for (int i = 0; i < count; i++) sockets[i] = sock_create(cpu);
  do {
    word map = map_create(1);
    for (int i = 0; i < count; i++) {
      rcu_read_lock(cpu);
      if (storage_get(cpu, map, sockets[i]) == 0) exit(1);
      rcu_read_unlock(cpu);
      rcu_quiescent_state(cpu);
    }
    double begin = now();
    map_free(cpu, map);
    double spent = (now() - begin) / count;
    if (spent < best) best = spent;
  } while (now() < end);
  free(sockets);
  return best;
}

struct thread {
  pthread_t handle;
  struct cpu *cpu;
  const char *operation;
  word map, sockets[OWN_SOCKETS];
  uint64_t done __attribute__((aligned(64)));
};

static pthread_barrier_t barrier;
static int stop;

static void operate(struct thread *t, char operation, word sk, word i) {
  switch (operation) {
    case 'g': {
      word value = storage_get(t->cpu, t->map, sk);
      if (value != 0) (void)*(volatile word *)&machine.words[value];
      break;
    }
    case 'c':
      storage_get(t->cpu, t->map, sk);
      storage_delete(t->cpu, t->map, sk);
      break;
    default:
      storage_update_locked(t->cpu, t->map, sk, i);
  }
}

static void *work(void *argument) {
  struct thread *t = argument;
  struct cpu *cpu = t->cpu;
  char operation = t->operation[0];
  uint64_t done = 0;
  rcu_online(cpu);
  pthread_barrier_wait(&barrier);
  while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
    for (int i = 0; i < 256; i++) {
      rcu_read_lock(cpu);
      operate(t, operation, t->sockets[i % OWN_SOCKETS], i);
      rcu_read_unlock(cpu);
      rcu_quiescent_state(cpu);
    }
    done += 256;
  }
  rcu_offline(cpu);
  t->done = done;
  return NULL;
}

static double scale(const char *operation, int count, int all, double ms, int log) {
  static struct thread threads[MAX_CPUS];
  word map = map_create(log);
  word one = sock_create(&machine.cpus[0]);
  pthread_barrier_init(&barrier, NULL, count + 1);
  for (int i = 0; i < count; i++) {
    struct thread *t = &threads[i];
    t->cpu = &machine.cpus[i];
    t->operation = operation;
    t->map = map;
    for (int s = 0; s < OWN_SOCKETS; s++) t->sockets[s] = all ? one : sock_create(t->cpu);
    pthread_create(&t->handle, NULL, work, t);
  }
  pthread_barrier_wait(&barrier);
  double begin = now();
  struct timespec pause = {(time_t)(ms / 1000), (long)((ms - 1000 * (long)(ms / 1000)) * 1e6)};
  nanosleep(&pause, NULL);
  __atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
  double seconds = (now() - begin) / 1e9;
  uint64_t done = 0;
  for (int i = 0; i < count; i++) {
    pthread_join(threads[i].handle, NULL);
    done += threads[i].done;
  }
  return done / seconds;
}

int main(int argc, char **argv) {
  const char *what = argc > 2 ? argv[1] : "";
  if (strcmp(what, "scale") == 0 && argc == 7) {
    int threads = atoi(argv[3]);
    machine_init(threads, (int64_t)1 << 30);
    printf("%.3f\n", scale(argv[2], threads, strcmp(argv[4], "all") == 0, atof(argv[5]), atoi(argv[6])));
    return 0;
  }
  machine_init(1, (int64_t)1 << 30);
  struct cpu *cpu = &machine.cpus[0];
  rcu_online(cpu);
  if (strcmp(what, "teardown") == 0 && argc == 4) printf("%.3f\n", teardown(cpu, atoi(argv[2]), atof(argv[3])));
  else if (argc == 3) {
    word map = setting(cpu);
    printf("%.3f\n", fastest(cpu, map, what, atof(argv[2])));
  } else {
    fprintf(stderr, "native: expected empty, headline, create-delete, teardown or scale, and what it needs\n");
    return 2;
  }
  return 0;
}
