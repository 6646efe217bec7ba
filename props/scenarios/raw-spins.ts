/**
 * A CPU that waits for a grace period looks some times before it sleeps. Here it looks once, and may then see the
 * report that it waits for.
 */

import { rcuOffline } from '../../src/sync/quiescent-state.ts'
import { synchronizeRcu } from '../../src/sync/synchronize-rcu.ts'
import { RAW_WITH_A_LOOK } from './beneath-tags.ts'
import { inReadSection, type Setting, setting } from './setting.ts'

/** One waits for a reader, who leaves. */
export const updaterLooksOnce = {
  ...RAW_WITH_A_LOOK,
  setup: (): Setting => {
    const given = setting({ maps: 0, sockets: 0 })
    for (const cpu of given.cpus.slice(1)) rcuOffline(cpu)
    return given
  },
  threads: [
    ({ cpus: [cpu] }: Setting): void => {
      inReadSection(cpu, () => {})
      rcuOffline(cpu)
    },
    ({ cpus: [, cpu] }: Setting): void => synchronizeRcu(cpu),
  ],
}
