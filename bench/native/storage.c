/* sk storage: as src/shared/sk-storage-update.ts, -elem.ts, -map.ts and hlist.ts. */
#include <string.h>

#include "sk-storage.h"

#define W machine.words

static void list_add(word node, word list) {
  word first = W[list];
  W[node] = first;
  W[node + 1] = list;
  if (first != 0) __atomic_store_n(&W[first + 1], node, __ATOMIC_RELAXED);
  assign_pointer(&W[list], node);
}

static void list_del(word node) {
  word next = W[node], pprev = W[node + 1];
  assign_pointer(&W[pprev], next);
  if (next != 0) __atomic_store_n(&W[next + 1], pprev, __ATOMIC_RELAXED);
  __atomic_store_n(&W[node + 1], 0, __ATOMIC_RELAXED);
}

static int inc_not_zero(word *at) {
  word seen = __atomic_load_n(at, __ATOMIC_RELAXED);
  while (seen != 0) {
    word was = cmpxchg(at, seen, seen + 1);
    if (was == seen) return 1;
    seen = was;
  }
  return 0;
}

static void sock_put(word sk) { __atomic_fetch_sub(&W[sk + SOCK_REFCOUNT], 1, __ATOMIC_SEQ_CST); }

static int charge(word sk, word size) {
  word *at = &W[sk + SOCK_OMEM];
  word seen = __atomic_load_n(at, __ATOMIC_RELAXED);
  while (seen + size < OPTMEM_MAX) {
    word was = cmpxchg(at, seen, seen + size);
    if (was == seen) return 1;
    seen = was;
  }
  return 0;
}

static word bucket_of(word map, word selem) {
  uint32_t hash = ((uint32_t)selem >> 4) * 0x61c88647u >> (32 - W[map + MAP_BUCKET_LOG]);
  return W[map + MAP_BUCKETS] + (word)hash * BUCKET_SIZE;
}

word map_create(int log) {
  word map = alloc_fresh(MAP_SIZE);
  W[map + MAP_CACHE_IDX] = 0;
  W[map + MAP_BUCKET_LOG] = log;
  W[map + MAP_BUCKETS] = alloc_fresh((int64_t)BUCKET_SIZE << log);
  W[map + MAP_ELEM_SIZE] = ELEM_CHARGE + 4;
  return map;
}

word sock_create(struct cpu *cpu) {
  word sk = alloc(cpu, CLASS_32);
  memset(&W[sk], 0, 4 * SOCK_SIZE);
  W[sk + SOCK_REFCOUNT] = 1;
  return sk;
}

static void link_map(struct cpu *cpu, word map, word storage, word selem) {
  W[selem + SELEM_STORAGE] = storage;
  word bucket = bucket_of(map, selem);
  spin_lock(cpu, &W[bucket + BUCKET_LOCK]);
  list_add(selem + SELEM_MAP_NODE, bucket + BUCKET_LIST);
  spin_unlock(&W[bucket + BUCKET_LOCK]);
}

static void unlink_map(struct cpu *cpu, word selem) {
  word bucket = bucket_of(W[selem + SELEM_SDATA], selem);
  spin_lock(cpu, &W[bucket + BUCKET_LOCK]);
  if (W[selem + SELEM_MAP_NODE + 1] != 0) list_del(selem + SELEM_MAP_NODE);
  spin_unlock(&W[bucket + BUCKET_LOCK]);
}

static int unlink_sk_locked(struct cpu *cpu, word storage, word selem) {
  word map = W[selem + SELEM_SDATA], sk = W[storage + STORAGE_SK];
  int last = W[storage + STORAGE_LIST] == selem + SELEM_SNODE && W[selem + SELEM_SNODE] == 0;
  __atomic_fetch_sub(&W[sk + SOCK_OMEM], W[map + MAP_ELEM_SIZE] + (last ? STORAGE_CHARGE : 0), __ATOMIC_SEQ_CST);
  if (last) {
    W[storage + STORAGE_SK] = 0;
    assign_pointer(&W[sk + SOCK_STORAGE], 0);
  }
  list_del(selem + SELEM_SNODE);
  word *slot = &W[storage + STORAGE_CACHE + W[map + MAP_CACHE_IDX]];
  if (*slot == selem + SELEM_SDATA) assign_pointer(slot, 0);
  kfree_rcu(cpu, selem + SELEM_RCU);
  return last;
}

static void selem_unlink(struct cpu *cpu, word selem) {
  unlink_map(cpu, selem);
  if (__atomic_load_n(&W[selem + SELEM_SNODE + 1], __ATOMIC_RELAXED) == 0) return;
  word storage = W[selem + SELEM_STORAGE];
  int last = 0;
  spin_lock(cpu, &W[storage + STORAGE_LOCK]);
  if (W[selem + SELEM_SNODE + 1] != 0) last = unlink_sk_locked(cpu, storage, selem);
  spin_unlock(&W[storage + STORAGE_LOCK]);
  if (last) kfree_rcu(cpu, storage + STORAGE_RCU);
}

static word list_lookup(word map, word storage) {
  for (word node = dereference(&W[storage + STORAGE_LIST]); node != 0; node = dereference(&W[node])) {
    word sdata = node - SELEM_SNODE + SELEM_SDATA;
    if (W[sdata] == map) return sdata;
  }
  return 0;
}

static void cache_insert(struct cpu *cpu, word map, word storage, word sdata) {
  spin_lock(cpu, &W[storage + STORAGE_LOCK]);
  if (W[sdata - SELEM_SDATA + SELEM_SNODE + 1] != 0)
    assign_pointer(&W[storage + STORAGE_CACHE + W[map + MAP_CACHE_IDX]], sdata);
  spin_unlock(&W[storage + STORAGE_LOCK]);
}

static word selem_alloc(struct cpu *cpu, word map, word sk, word size) {
  if (size != 0 && !charge(sk, size)) return 0;
  word selem = alloc(cpu, CLASS_16);
  W[selem + SELEM_MAP_NODE + 1] = W[selem + SELEM_SNODE + 1] = 0;
  W[selem + SELEM_SDATA] = map;
  W[selem + SELEM_RCU + 1] = SELEM_RCU << 1 | CLASS_16;
  W[selem + SELEM_VALUE] = W[selem + SELEM_VALUE + 1] = 0;
  return selem;
}

/* The value, made if there is none; 0 when another CPU is making the storage. */
static word create(struct cpu *cpu, word map, word sk) {
  word storage = dereference(&W[sk + SOCK_STORAGE]);
  if (storage == 0) {
    word size = W[map + MAP_ELEM_SIZE] + STORAGE_CHARGE;
    word selem = selem_alloc(cpu, map, sk, size);
    if (selem == 0) return 0;
    storage = alloc(cpu, CLASS_32);
    memset(&W[storage], 0, 4 * CACHE_SIZE);
    W[storage + STORAGE_SK] = sk;
    W[storage + STORAGE_LOCK] = W[storage + STORAGE_LIST] = 0;
    W[storage + STORAGE_RCU + 1] = STORAGE_RCU << 1 | CLASS_32;
    list_add(selem + SELEM_SNODE, storage + STORAGE_LIST);
    link_map(cpu, map, storage, selem);
    if (cmpxchg(&W[sk + SOCK_STORAGE], 0, storage) == 0) return selem + SELEM_VALUE;
    unlink_map(cpu, selem);
    __atomic_fetch_sub(&W[sk + SOCK_OMEM], size, __ATOMIC_SEQ_CST);
    kfree_rcu(cpu, storage + STORAGE_RCU);
    kfree_rcu(cpu, selem + SELEM_RCU);
    return 0;
  }
  word value = 0;
  spin_lock(cpu, &W[storage + STORAGE_LOCK]);
  if (W[storage + STORAGE_LIST] != 0 && list_lookup(map, storage) == 0) {
    word selem = selem_alloc(cpu, map, sk, W[map + MAP_ELEM_SIZE]);
    if (selem != 0) {
      link_map(cpu, map, storage, selem);
      list_add(selem + SELEM_SNODE, storage + STORAGE_LIST);
      value = selem + SELEM_VALUE;
    }
  }
  spin_unlock(&W[storage + STORAGE_LOCK]);
  return value;
}

/* Behind the cache: the list, and creation. */
word storage_get_with_create(struct cpu *cpu, word map, word sk) {
  word storage = dereference(&W[sk + SOCK_STORAGE]);
  if (storage != 0) {
    word sdata = list_lookup(map, storage);
    if (sdata != 0) {
      cache_insert(cpu, map, storage, sdata);
      return sdata + 1;
    }
  }
  if (!inc_not_zero(&W[sk + SOCK_REFCOUNT])) return 0;
  word value = create(cpu, map, sk);
  sock_put(sk);
  return value;
}

word storage_delete(struct cpu *cpu, word map, word sk) {
  if (!inc_not_zero(&W[sk + SOCK_REFCOUNT])) return -2;
  word value = storage_lookup(map, sk), err = 0;
  word storage = dereference(&W[sk + SOCK_STORAGE]);
  word sdata = value != 0 ? value - 1 : storage != 0 ? list_lookup(map, storage) : 0;
  if (sdata != 0) selem_unlink(cpu, sdata - SELEM_SDATA);
  else err = -2;
  sock_put(sk);
  return err;
}

/* BPF_F_LOCK on an element that is there: the value's second word is its bpf_spin_lock. */
void storage_update_locked(struct cpu *cpu, word map, word sk, word value) {
  word at = storage_get(cpu, map, sk);
  if (at == 0) return;
  spin_lock(cpu, &W[at + 1]);
  W[at] = value;
  spin_unlock(&W[at + 1]);
}

void map_free(struct cpu *cpu, word map) {
  synchronize_rcu(cpu);
  for (int i = 0; i < 1 << W[map + MAP_BUCKET_LOG]; i++) {
    word bucket = W[map + MAP_BUCKETS] + i * BUCKET_SIZE;
    int batch = 0;
    rcu_read_lock(cpu);
    for (word node = dereference(&W[bucket]); node != 0; node = dereference(&W[bucket])) {
      selem_unlink(cpu, node - SELEM_MAP_NODE);
      if (++batch == 64) {
        batch = 0;
        rcu_read_unlock(cpu);
        rcu_quiescent_state(cpu);
        rcu_read_lock(cpu);
      }
    }
    rcu_read_unlock(cpu);
  }
  synchronize_rcu(cpu);
}
