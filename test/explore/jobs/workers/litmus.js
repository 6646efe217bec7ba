/** A worker that has a part in the search of one litmus program after the other. It runs what was built. */
import { parentPort } from 'node:worker_threads'
import { litmusScenario } from '../../../../dist/src/explore/index.js'
import { exploreShared } from '../../../../dist/src/explore/internals-load.js'

parentPort.on('message', ({ text, options, line }) => exploreShared(litmusScenario(text), options, line))
