/**
 * A process of its own that boots a machine and ends while its threads are still starting: after so many milliseconds,
 * with status 7.
 */

import { boot } from '../../../dist/src/index.js'

boot({ cpus: 8, memory: 8 << 20 })
setTimeout(() => process.exit(7), Number(process.argv[2]))
