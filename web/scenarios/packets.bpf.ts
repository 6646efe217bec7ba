/**
 * The programs of packets.bpf.c, as the explorer runs them. Written by scripts/bpf-module.js.
 */
// @ts-nocheck: registers have no types.

import type { Factories } from '../../src/bpf/run/scenario.ts'

export const factories: Factories = {
  count: ({ cpu, words, bytes, shorts, longs, maps, values, helpers, fields }) => {
const map0 = maps["egress"]
const bpf_sk_fullsock = helpers.bpf_sk_fullsock
const bpf_sk_storage_get_without_value = helpers.bpf_sk_storage_get_without_value
return (context) => {
let calledFrom = ''
let r0l = 0, r0h = 0, r1l = 0, r1h = 0, r2h = 0, r6h = 0
L21: {
L19: {
r1h = context.sk // @explore at web/scenarios/packets.bpf.c:20:29 struct bpf_sock *sk = skb->sk;
if (r1h === 0) break L21 // @explore at web/scenarios/packets.bpf.c:23:6 if (!sk)
calledFrom = 'web/scenarios/packets.bpf.c:25'; r0h = bpf_sk_fullsock(cpu, r1h) // @explore at web/scenarios/packets.bpf.c:25:7 sk = bpf_sk_fullsock(sk);
r6h = r0h // @explore at web/scenarios/packets.bpf.c:25:7 sk = bpf_sk_fullsock(sk);
if (r6h === 0) break L21 // @explore at web/scenarios/packets.bpf.c:26:6 if (!sk)
r1h = map0 // @explore at web/scenarios/packets.bpf.c:28:6 c = bpf_sk_storage_get(&egress, sk, 0, BPF_SK_STORAGE_GET_F_CREATE);
r2h = r6h // @explore at web/scenarios/packets.bpf.c:28:6 c = bpf_sk_storage_get(&egress, sk, 0, BPF_SK_STORAGE_GET_F_CREATE);
calledFrom = 'web/scenarios/packets.bpf.c:28'; r0h = bpf_sk_storage_get_without_value(cpu, r1h, r2h, null, 0, 1, 0) // @explore at web/scenarios/packets.bpf.c:28:6 c = bpf_sk_storage_get(&egress, sk, 0, BPF_SK_STORAGE_GET_F_CREATE);
if (r0h !== 0) break L19 // @explore at web/scenarios/packets.bpf.c:30:6 if (!c)
r1h = map0 // @explore at web/scenarios/packets.bpf.c:31:7 c = bpf_sk_storage_get(&egress, sk, 0, BPF_SK_STORAGE_GET_F_CREATE);
r2h = r6h // @explore at web/scenarios/packets.bpf.c:31:7 c = bpf_sk_storage_get(&egress, sk, 0, BPF_SK_STORAGE_GET_F_CREATE);
calledFrom = 'web/scenarios/packets.bpf.c:31'; r0h = bpf_sk_storage_get_without_value(cpu, r1h, r2h, null, 0, 1, 0) // @explore at web/scenarios/packets.bpf.c:31:7 c = bpf_sk_storage_get(&egress, sk, 0, BPF_SK_STORAGE_GET_F_CREATE);
if (r0h === 0) break L21 // @explore at web/scenarios/packets.bpf.c:32:6 if (c)
}
r1l = 1 // @explore at web/scenarios/packets.bpf.c:32:6 if (c)
Atomics.add(words, r0h, r1l) // @explore at web/scenarios/packets.bpf.c:33:3 __sync_fetch_and_add(&c->packets, 1);
}
r0l = 1 // @explore at web/scenarios/packets.bpf.c:35:1 }
return r0l // @explore at web/scenarios/packets.bpf.c:35:1 }
}
},
  count_once: ({ cpu, words, bytes, shorts, longs, maps, values, helpers, fields }) => {
const map0 = maps["egress"]
const bpf_sk_fullsock = helpers.bpf_sk_fullsock
const bpf_sk_storage_get_without_value = helpers.bpf_sk_storage_get_without_value
return (context) => {
let calledFrom = ''
let r0l = 0, r0h = 0, r1l = 0, r1h = 0, r2h = 0
L13: {
r1h = context.sk // @explore at web/scenarios/packets.bpf.c:40:29 struct bpf_sock *sk = skb->sk;
if (r1h === 0) break L13 // @explore at web/scenarios/packets.bpf.c:43:6 if (!sk)
calledFrom = 'web/scenarios/packets.bpf.c:45'; r0h = bpf_sk_fullsock(cpu, r1h) // @explore at web/scenarios/packets.bpf.c:45:7 sk = bpf_sk_fullsock(sk);
if (r0h === 0) break L13 // @explore at web/scenarios/packets.bpf.c:46:6 if (!sk)
r1h = map0 // @explore at web/scenarios/packets.bpf.c:48:6 c = bpf_sk_storage_get(&egress, sk, 0, BPF_SK_STORAGE_GET_F_CREATE);
r2h = r0h // @explore at web/scenarios/packets.bpf.c:48:6 c = bpf_sk_storage_get(&egress, sk, 0, BPF_SK_STORAGE_GET_F_CREATE);
calledFrom = 'web/scenarios/packets.bpf.c:48'; r0h = bpf_sk_storage_get_without_value(cpu, r1h, r2h, null, 0, 1, 0) // @explore at web/scenarios/packets.bpf.c:48:6 c = bpf_sk_storage_get(&egress, sk, 0, BPF_SK_STORAGE_GET_F_CREATE);
if (r0h === 0) break L13 // @explore at web/scenarios/packets.bpf.c:50:6 if (!c)
r1l = 1 // @explore at web/scenarios/packets.bpf.c:50:6 if (!c)
Atomics.add(words, r0h, r1l) // @explore at web/scenarios/packets.bpf.c:52:2 __sync_fetch_and_add(&c->packets, 1);
}
r0l = 1 // @explore at web/scenarios/packets.bpf.c:54:1 }
return r0l // @explore at web/scenarios/packets.bpf.c:54:1 }
}
},
}
