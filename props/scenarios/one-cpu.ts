/**
 * A machine with one CPU: the smallest number of buckets a map can have. Nobody races here.
 */

import { atRest, setting } from './setting.ts'
import { getWithCreate } from './steps.ts'

/** Makes an element, which needs a bucket. */
export const createOnOneCpu = {
  setup: () => setting({ threads: 0, open: true }),
  threads: [getWithCreate(0, 1)],
  after: atRest,
}
