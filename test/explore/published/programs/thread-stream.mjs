import { fileURLToPath } from 'node:url'
import ThreadStream from 'thread-stream'

const stream = new ThreadStream({
  filename: fileURLToPath(new URL('./target.mjs', import.meta.url)),
  bufferSize: 64,
  sync: false,
})
stream.on('close', () => console.log('closed'))
stream.on('ready', () => {
  stream.write('hello')
  stream.end()
})
