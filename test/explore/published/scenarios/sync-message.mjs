import './browser.mjs'
import all from 'sync-message'

const { makeAtomicsChannel, readMessage, syncSleep, writeMessage, writeMessageAtomics } = all

const setup = () => ({ channel: makeAtomicsChannel({ bufferSize: 16 }) })

export const oneMessage = {
  setup,
  threads: [({ channel }) => readMessage(channel, 'id'), ({ channel }) => writeMessageAtomics(channel, { a: 1 })],
  after: (_, [got]) => got.a === 1,
}
export const nobodyWrites = {
  setup,
  threads: [({ channel }) => readMessage(channel, 'id', { checkInterrupt: () => true })],
  after: (_, [got]) => got === null,
}
export const sleeper = {
  setup,
  threads: [
    ({ channel }) => {
      syncSleep(10)
      return Atomics.load(channel.meta, 0)
    },
    ({ channel }) => Atomics.store(channel.meta, 0, 5),
  ],
}
/** A message before the last one was taken: nothing keeps the two apart. */
export const twoMessages = {
  setup,
  threads: [
    ({ channel }) => readMessage(channel, 'id'),
    ({ channel }) => {
      writeMessageAtomics(channel, 1)
      writeMessageAtomics(channel, 2)
    },
  ],
}
export const promised = {
  setup,
  threads: [
    ({ channel }) => readMessage(channel, 'id'),
    ({ channel }) => {
      writeMessage(channel, 1, 'id')
    },
  ],
}
