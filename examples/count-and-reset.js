// A BPF program counts packets while a thread of ours takes what was counted and starts again from 0; and a socket is
// closed while somebody looks. In every interleaving: sk-storage explore examples/count-and-reset.js
import { bpfScenario } from 'sk-storage/bpf'

const object = new URL('../test/bpf/objects/locked.bpf.o', import.meta.url)

/** Between the two calls a packet may be counted, and is lost. */
function reset(bpf, taken) {
  const counted = bpf.call('lookup egress_cnt 0 cnt')
  if (bpf.call('update egress_cnt 0 0') === 0) Atomics.add(taken, 0, counted)
}

export const countAndReset = await bpfScenario(object, {
  threads: ['run locked', reset],
  setup: () => new Int32Array(new SharedArrayBuffer(4)),
  after: (bpf, taken) => Number(bpf.numbers().cnt) + taken[0] === 1,
})

/** Who looks finds 0, 1 or nobody. */
export const countAndClose = await bpfScenario(object, {
  threads: ['run locked', (bpf) => bpf.call('lookup egress_cnt 0 cnt'), 'close 0'],
})
