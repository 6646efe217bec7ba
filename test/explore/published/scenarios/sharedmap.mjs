import SharedMap from 'sharedmap'

/** A map as a worker gets it: the same memory, and an object of its own. */
const own = (map) => Object.assign(Object.create(SharedMap.prototype), map, { stats: { ...map.stats } })

const holding = (keys) => () => {
  const map = new SharedMap(4, 4, 4)
  for (const key of keys) map.set(key, 'v')
  return { map }
}

export const setAgainstGet = {
  setup: holding('a'),
  threads: [({ map }) => own(map).set('a', 'w'), ({ map }) => own(map).get('a')],
  after: ({ map }, [, seen]) => own(map).get('a') === 'w' && 'vw'.includes(seen),
}
export const setAgainstDelete = {
  setup: holding('a'),
  threads: [({ map }) => own(map).set('a', 'w'), ({ map }) => own(map).delete('a')],
}
export const fullOverwritten = { setup: holding('abcd'), threads: [({ map }) => own(map).set('a', 'w')] }
