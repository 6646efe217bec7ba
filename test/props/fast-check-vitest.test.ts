/**
 * The arbitraries as a user of @fast-check/vitest has them.
 */

import { test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { commands, runCommands, setting } from '../../props/index.ts'

describe('with @fast-check/vitest', () => {
  test.prop([commands(20), setting], { numRuns: 300 })(
    'operations on one CPU run as a property',
    (commands, setting) => {
      const answers = runCommands(commands, setting)
      // Every setting opens a map and a socket.
      expect([...answers.keys()]).toEqual(expect.arrayContaining(['mapCreate ok', 'socketCreate ok']))
    },
  )
})
