/**
 * What commands and the page's build use of the explorer that needs Node: how sources are edited and instrumented, and
 * how workers share a search.
 */

export { type Beforehand, tellBeforehand } from './beforehand.ts'
export { exploreShared } from './jobs/explore-shared.ts'
export { addCounts, addOutcomes } from './jobs/line-up.ts'
export { createCalls, handOn, type Line } from './jobs/link.ts'
export { shareOut, Unshared } from './jobs/share-out.ts'
export type { Hand, ShareOptions } from './jobs/share-state.ts'
export type { Look, Order, Report, Walk, Word } from './jobs/words.ts'
export { actAsMain } from './load/as-main.ts'
export { removeCopies, removeCopiesOf } from './load/copy.ts'
export { applyEdits } from './load/edits.ts'
export { importsOf } from './load/imported.ts'
export { hasLayout, LAYOUT_LINE } from './load/layout.ts'
export { loadFitting } from './load/load.ts'
export { readPackages, withEnvironment } from './load/packages.ts'
export { plantEdits, readEdits } from './load/patch.ts'
export { ASLEEP, createPatience } from './load/patience.ts'
export { loadProgram } from './load/program.ts'
export { noCounts } from './result.ts'
export { transform } from './transform/transform.ts'
