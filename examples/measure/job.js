// In each thread: makes the operation that is repeated.
import { push, shift } from './queue.js'

export default ({ args: queue, thread }) =>
  () => {
    push(queue, thread + 1)
    shift(queue)
  }
