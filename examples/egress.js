// One run per packet: find the socket's counter, add one. Each CPU has sockets of its own, so nobody else adds there.
import { BPF_SK_STORAGE_GET_F_CREATE, bpfSkStorageGet } from 'sk-storage'

export default ({ cpu, maps }) => {
  const { words } = cpu
  return (sk) => {
    const counter = bpfSkStorageGet(cpu, maps.egress_cnt, sk, null, BPF_SK_STORAGE_GET_F_CREATE)
    if (counter !== 0) words[counter]++
  }
}
