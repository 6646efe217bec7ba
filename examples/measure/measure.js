// node measure.js [MOST THREADS] [MILLISECONDS] [SAMPLES]: a queue of one's own on 1 to N threads.
import { formatHistogram, formatMeasured, measure } from 'sk-storage/bench'
import { createQueue, pushed } from './queue.js'

const [most = 4, time = 100, samples = 9] = process.argv.slice(2).map(Number)
const cases = [1, 2, 4, 8]
  .filter((threads) => threads <= most)
  .map((threads) => ({
    name: `push and shift, ${threads}`,
    job: new URL('./job.js', import.meta.url),
    threads,
    args: createQueue,
    check(queue, done) {
      if (pushed(queue) !== done) throw new Error(`${pushed(queue)} were pushed, and not ${done}`)
    },
    base: threads === 1 ? undefined : 'push and shift, 1',
  }))
const measured = await measure(cases, { time, samples, warmup: 2 * time, latency: true })
console.log(formatMeasured(measured))
console.log(formatHistogram(measured[0].latency))
