import { EventEmitter } from 'node:events'
export default async function () {
  const it = new EventEmitter()
  let all = ''
  it.write = (text) => {
    all += text
    return true
  }
  it.end = () => {
    console.log(all)
    it.emit('close')
  }
  return it
}
