import * as published from '../scenarios/wasi-threads.mjs'

/** The status is stored behind all that it speaks of. */
const edits = [
  { file: 'wasi-threads/dist/wasi-threads.js', from: 'Atomics.store(i32array, 0, code);\n', to: '' },
  {
    file: 'wasi-threads/dist/wasi-threads.js',
    from: 'buffer.set(stackBuffer, 16 + nameBuffer.length + messageBuffer.length);\n    }\n',
    to: 'buffer.set(stackBuffer, 16 + nameBuffer.length + messageBuffer.length);\n    }\n    Atomics.store(i32array, 0, code);\n',
  },
]

export const failedLoad = { ...published.failedLoad, edits }
