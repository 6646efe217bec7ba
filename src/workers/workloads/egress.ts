/**
 * The egress workload, a program: each packet that leaves adds one to its socket's counter in every map.
 */

import { BPF_SK_STORAGE_GET_F_CREATE } from '../../shared/sk-storage.ts'
import { countsOf } from '../control.ts'
import { bpfSkStorageGet } from '../helpers.ts'
import type { ProgramContext, ProgramRun } from '../program.ts'
import { OP } from './tally.ts'

/** What the program is attached with. */
export interface EgressArgs {
  /** The machine's control words. */
  readonly control: Int32Array
}

export default ({ cpu, maps, args }: ProgramContext): ProgramRun => {
  const { words } = cpu
  const { control } = args as EgressArgs
  const gets = countsOf(cpu.id) + OP.get
  const creates = countsOf(cpu.id) + OP.create
  const all = Object.values(maps)
  return (sk) => {
    for (let i = 0; i < all.length; i++) {
      let counter = bpfSkStorageGet(cpu, all[i], sk, null, 0)
      if (counter === 0) {
        counter = bpfSkStorageGet(cpu, all[i], sk, null, BPF_SK_STORAGE_GET_F_CREATE)
        control[creates]++
      }
      control[gets]++
      if (counter !== 0) words[counter]++
    }
  }
}
