/*
 * The C reference: sk storage over an array of 32-bit words, with the layout and the algorithm of src/shared and src/sync, so that what is
 * left of a difference is the language. Written from those files. Pointers are word indices; 0 is NULL.
 *
 * Two things are as a C programmer would have them: a spin lock is released by a plain store (ours needs an exchange, since it knows parked
 * waiters), and a waiter yields the core instead of parking.
 */
#ifndef SK_STORAGE_H
#define SK_STORAGE_H

#include <stdint.h>

/* Word offsets, as in src/shared/records.ts. */
enum { SOCK_STORAGE = 0, SOCK_REFCOUNT = 1, SOCK_OMEM = 2, SOCK_SIZE = 32 };
enum { STORAGE_CACHE = 0, STORAGE_LIST = 16, STORAGE_SK = 17, STORAGE_LOCK = 18, STORAGE_RCU = 19, STORAGE_SIZE = 32 };
enum { SELEM_MAP_NODE = 0, SELEM_SNODE = 2, SELEM_STORAGE = 4, SELEM_RCU = 5, SELEM_SDATA = 7, SELEM_VALUE = 8, SELEM_SIZE = 16 };
enum { MAP_CACHE_IDX = 1, MAP_BUCKET_LOG = 6, MAP_BUCKETS = 7, MAP_ELEM_SIZE = 8, MAP_SIZE = 48 };
enum { BUCKET_LIST = 0, BUCKET_LOCK = 1, BUCKET_SIZE = 16 };

enum { STORAGE_CHARGE = 168, ELEM_CHARGE = 128, OPTMEM_MAX = 131072 };
enum { CACHE_SIZE = 16, BATCH = 64, PASSES = 3, MAGAZINE_LIMIT = 64, MAX_CPUS = 64 };

/* The two sizes that are allocated here: an element, and a socket or storage. */
enum { CLASS_16, CLASS_32, CLASSES };

typedef int32_t word;

struct magazine {
  word head, count;
};

/* A CPU's corner: what others read stands on a line of its own. */
struct cpu {
  word quiescent __attribute__((aligned(64)));
  word nesting __attribute__((aligned(64)));
  word id, attended;
  word next_head, next_tail, wait_head, wait_tail, wait_for, callbacks, callback_limit;
  struct magazine magazines[CLASSES];
};

struct depot {
  word head, lock;
} __attribute__((aligned(64)));

struct machine {
  word *words;
  int64_t brk __attribute__((aligned(64)));
  int64_t end;
  word started __attribute__((aligned(64)));
  word completed __attribute__((aligned(64)));
  struct depot depots[CLASSES];
  int cpu_count;
  struct cpu cpus[MAX_CPUS];
};

extern struct machine machine;

/* memory.c */
void machine_init(int cpus, int64_t bytes);
word alloc(struct cpu *cpu, int class);
void release(struct cpu *cpu, int class, word object);
word alloc_fresh(int64_t size);

/* rcu.c */
void rcu_online(struct cpu *cpu);
void rcu_offline(struct cpu *cpu);
void report_quiescent_state(struct cpu *cpu);
void kfree_rcu(struct cpu *cpu, word head);
void synchronize_rcu(struct cpu *cpu);

/* storage.c */
word map_create(int log);
word sock_create(struct cpu *cpu);
word storage_get_with_create(struct cpu *cpu, word map, word sk);
word storage_delete(struct cpu *cpu, word map, word sk);
void storage_update_locked(struct cpu *cpu, word map, word sk, word value);
void map_free(struct cpu *cpu, word map);

static inline word cmpxchg(word *at, word expected, word next) {
  __atomic_compare_exchange_n(at, &expected, next, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
  return expected;
}

void spin_wait(word *lock, word me);

static inline void spin_lock(struct cpu *cpu, word *lock) {
  if (cmpxchg(lock, 0, cpu->id + 1) != 0) spin_wait(lock, cpu->id + 1);
}

static inline void spin_unlock(word *lock) { __atomic_store_n(lock, 0, __ATOMIC_RELEASE); }

static inline void rcu_read_lock(struct cpu *cpu) {
  cpu->nesting++;
  __asm__ volatile("" ::: "memory");
}

static inline void rcu_read_unlock(struct cpu *cpu) {
  __asm__ volatile("" ::: "memory");
  cpu->nesting--;
}

static inline void rcu_quiescent_state(struct cpu *cpu) {
  if (__atomic_load_n(&machine.started, __ATOMIC_RELAXED) != cpu->attended) report_quiescent_state(cpu);
}

static inline word dereference(const word *at) { return __atomic_load_n(at, __ATOMIC_RELAXED); }

static inline void assign_pointer(word *at, word to) { __atomic_store_n(at, to, __ATOMIC_RELEASE); }

/* The fast path of bpf_sk_storage_get: a word index of the value, or 0. */
static inline word storage_lookup(word map, word sk) {
  word *w = machine.words;
  word storage = dereference(w + sk + SOCK_STORAGE);
  if (storage == 0) return 0;
  word sdata = dereference(w + storage + STORAGE_CACHE + w[map + MAP_CACHE_IDX]);
  return sdata != 0 && w[sdata] == map ? sdata + 1 : 0;
}

static inline word storage_get(struct cpu *cpu, word map, word sk) {
  word value = storage_lookup(map, sk);
  return __builtin_expect(value != 0, 1) ? value : storage_get_with_create(cpu, map, sk);
}

#endif
