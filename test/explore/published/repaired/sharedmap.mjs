import SharedMap from 'sharedmap'
import * as published from '../scenarios/sharedmap.mjs'

/** Who finds the key in a full map lets its line go. */
const edits = [
  {
    file: 'sharedmap/index.umd.js',
    from: 'if (!this._find(key, exclusive))',
    to: 'if (((found) => found && (exclusive || this._unlockLine(found.pos), true))(this._find(key, exclusive)) !== true)',
  },
]

const own = (map) => Object.assign(Object.create(SharedMap.prototype), map, { stats: { ...map.stats } })

export const fullOverwritten = { ...published.fullOverwritten, edits }
/** A key of a full map is set, and another thread asks for it. */
export const fullAgainstGet = {
  setup: published.fullOverwritten.setup,
  threads: [({ map }) => own(map).set('a', 'w'), ({ map }) => own(map).get('a')],
  after: ({ map }, [, seen]) => own(map).get('a') === 'w' && 'vw'.includes(seen),
  edits,
}
