import Tinypool from 'tinypool'

const pool = new Tinypool({ filename: new URL('./task.mjs', import.meta.url).href, minThreads: 1, maxThreads: 1 })
console.log(await pool.run(3))
