// Boots a machine of four CPUs, lets a million packets arrive at each, and reads the counters back.
import { boot, struct, u32 } from 'sk-storage'

const machine = await boot({ cpus: 4 })
const Counter = struct('counter', { cnt: u32 })
const map = machine.createMap({ name: 'egress_cnt', value: Counter })
const sockets = machine.sockets(4096)

const stats = await machine.run(new URL('./egress.js', import.meta.url), {
  maps: { egress_cnt: map.fd },
  sockets,
  packets: 1e6,
})

let counted = 0
for (const fd of sockets) counted += map.lookup(fd)?.cnt ?? 0
for (const [cpu, { runs, seconds }] of stats.entries()) {
  console.log(`CPU ${cpu}: ${runs} runs, ${((seconds * 1e9) / runs).toFixed(1)} ns each`)
}
console.log(`counted ${counted} packets`)
console.log(await machine.shutdown()) // throws if anything leaked
