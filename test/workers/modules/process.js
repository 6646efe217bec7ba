/**
 * A process of its own with a machine that fails in the given way and is then destroyed: it must end by itself.
 */

import { boot } from '../../../dist/src/index.js'

const how = process.argv[2]
const machine = await boot({ cpus: 2, memory: 8 << 20, watchdogMs: 500 })
const map = machine.sys.mapCreate({
  type: 24,
  keySize: 4,
  valueSize: 8,
  maxEntries: 0,
  flags: 1,
  btfKeyTypeId: 1,
  btfValueTypeId: 3,
})
try {
  await machine.call(new URL('./hang.js', import.meta.url), { how, map })
} catch (error) {
  console.log(error.code)
}
await machine.destroy()
