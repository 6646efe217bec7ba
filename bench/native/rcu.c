/* Quiescent-state RCU: as src/sync/quiescent-state.ts, grace-period.ts and rcu-callback.ts. A head's func word says what is freed. */
#define _GNU_SOURCE
#include <sched.h>

#include "sk-storage.h"

static int reached(word a, word b) { return (word)((uint32_t)a - (uint32_t)b) >= 0; }

void rcu_online(struct cpu *cpu) {
  __atomic_store_n(&cpu->quiescent, __atomic_load_n(&machine.started, __ATOMIC_SEQ_CST), __ATOMIC_SEQ_CST);
  (void)__atomic_load_n(&machine.started, __ATOMIC_SEQ_CST);
  cpu->attended = 0;
}

static word push_grace_period(void) {
  word started = __atomic_load_n(&machine.started, __ATOMIC_SEQ_CST);
  if (__atomic_load_n(&machine.completed, __ATOMIC_SEQ_CST) == started) {
    word was = cmpxchg(&machine.started, started, started + 1);
    started = was == started ? started + 1 : was;
  }
  for (int id = 0; id < machine.cpu_count; id++) {
    word state = __atomic_load_n(&machine.cpus[id].quiescent, __ATOMIC_SEQ_CST);
    if (state != 0 && !reached(state, started)) return id + 1;
  }
  cmpxchg(&machine.completed, started - 1, started);
  return 0;
}

static int run_callbacks(struct cpu *cpu, word head) {
  word *w = machine.words;
  int count = 0;
  for (; head != 0; count++) {
    word next = w[head], func = w[head + 1];
    release(cpu, func & 1, head - (func >> 1));
    head = next;
  }
  return count;
}

static void advance_callbacks(struct cpu *cpu) {
  for (int pass = 0; pass < PASSES; pass++) {
    word started = __atomic_load_n(&machine.started, __ATOMIC_SEQ_CST);
    if (cpu->wait_head != 0 && reached(__atomic_load_n(&machine.completed, __ATOMIC_SEQ_CST), cpu->wait_for)) {
      word ripe = cpu->wait_head;
      cpu->wait_head = 0;
      cpu->callbacks -= run_callbacks(cpu, ripe);
    }
    if (cpu->wait_head == 0 && cpu->next_head != 0) {
      cpu->wait_head = cpu->next_head;
      cpu->next_head = cpu->next_tail = 0;
      cpu->wait_for = __atomic_load_n(&machine.started, __ATOMIC_SEQ_CST) + 1;
    }
    if (cpu->quiescent != started) __atomic_store_n(&cpu->quiescent, started, __ATOMIC_SEQ_CST);
    if (cpu->wait_head == 0) break;
    word laggard = push_grace_period();
    if (laggard != 0 && laggard != cpu->id + 1) break;
  }
  cpu->callback_limit = cpu->callbacks + BATCH;
  cpu->attended = cpu->quiescent;
}

void report_quiescent_state(struct cpu *cpu) { advance_callbacks(cpu); }

/* What is still queued when a CPU leaves is left: the process ends then. */
void rcu_offline(struct cpu *cpu) { __atomic_store_n(&cpu->quiescent, 0, __ATOMIC_SEQ_CST); }

void kfree_rcu(struct cpu *cpu, word head) {
  word *w = machine.words;
  w[head] = 0;
  if (cpu->next_tail == 0) cpu->next_head = head;
  else w[cpu->next_tail] = head;
  cpu->next_tail = head;
  if (++cpu->callbacks >= cpu->callback_limit) cpu->attended = 0;
}

void synchronize_rcu(struct cpu *cpu) {
  word target = __atomic_load_n(&machine.started, __ATOMIC_SEQ_CST) + 1;
  rcu_offline(cpu);
  while (!reached(__atomic_load_n(&machine.completed, __ATOMIC_SEQ_CST), target))
    if (push_grace_period() != 0) sched_yield();
  rcu_online(cpu);
}
