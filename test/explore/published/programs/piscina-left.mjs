import { Piscina } from 'piscina'

const pool = new Piscina({ filename: new URL('./task.mjs', import.meta.url).href, minThreads: 1, maxThreads: 1 })
console.log(await pool.run(3))
