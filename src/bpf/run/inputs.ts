/**
 * What a program is told that is in no memory: time, chance, who runs. Each is given by whoever lets it run.
 */

/** One thread's inputs. */
export interface Inputs {
  /** Nanoseconds, for bpf_ktime_get_ns. */
  time(): bigint
  /** 32 bits, for bpf_get_prandom_u32. */
  random(): number
  /** Process in the upper half, thread in the lower, for bpf_get_current_pid_tgid. */
  readonly pidTgid: bigint
  /** Takes what bpf_trace_printk prints. */
  print(text: string): void
}

/** Inputs that are the same each time: a clock that goes on by a microsecond each look, numbers drawn from a seed. */
export function virtualInputs(seed: number, id: number): Inputs {
  let now = 1_000_000_000n
  let state = (Math.imul(seed, 0x9e3779b1) + id) | 1
  return {
    time() {
      now += 1000n
      return now
    },
    random() {
      // Marsaglia's xorshift.
      state ^= state << 13
      state ^= state >>> 17
      state ^= state << 5
      return state >>> 0
    },
    pidTgid: (BigInt(1000 + id) << 32n) | BigInt(1000 + id),
    print() {},
  }
}
