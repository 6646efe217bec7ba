/**
 * Does nothing, on every CPU: afterwards all threads are there.
 */

export default () => {}
