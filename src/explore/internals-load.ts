/**
 * What the page's build uses of the explorer: how sources are edited and instrumented. Needs Node.
 */

export { removeCopies, removeCopiesOf } from './load/copy.ts'
export { applyEdits } from './load/edits.ts'
export { importsOf } from './load/imported.ts'
export { readPackages, withEnvironment } from './load/packages.ts'
export { transform } from './transform/transform.ts'
