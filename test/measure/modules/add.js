// Adds one to a shared word; by `args.wrong` it does something else.
export default ({ args, thread }) => {
  const { words, wrong } = args
  if (wrong === 'no operation') return undefined
  return () => {
    if (wrong === 'throws' && thread === 1) throw new Error('broken on purpose')
    Atomics.add(words, 0, 1)
  }
}
