import { RingBuffer } from 'ringbuf.js'

const setup = () => ({ sab: RingBuffer.getStorageForCapacity(3, Uint8Array) })
const ring = (sab) => new RingBuffer(sab, Uint8Array)

export const oneProducer = {
  setup,
  threads: [
    ({ sab }) => ring(sab).push(new Uint8Array([1])) + ring(sab).push(new Uint8Array([2])),
    ({ sab }) => {
      const got = new Uint8Array(2)
      const first = ring(sab).pop(got, 1)
      return [...got.subarray(0, first + ring(sab).pop(got.subarray(first), 1))]
    },
  ],
  after: (_, [, got]) => ['', '1', '1,2'].includes(String(got)),
}
/** Which it does not promise to bear. */
export const twoProducers = {
  setup,
  threads: [({ sab }) => ring(sab).push(new Uint8Array([1])), ({ sab }) => ring(sab).push(new Uint8Array([2]))],
}
