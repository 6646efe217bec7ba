/**
 * The lessons about sk storage itself: how it is made, cached, freed from two sides at once, and inherited.
 */

import { isLate, type Lesson, results, stepThat } from './lesson.ts'

export const STORAGE_LESSONS: readonly Lesson[] = [
  {
    id: 'two-creators',
    title: 'First storage: two creators',
    file: 'web/scenarios/two-creators.ts',
    scenario: 'twoCreators',
    picture: 'storage',
    exhibits: ['blind-publish'],
    theme: 'First storage',
    done: ({ moment, exhibit }) =>
      exhibit === '' && results(moment).slice(0, 2).every(Number.isInteger) && moment.steps.some(isLate),
  },
  {
    id: 'cache-slot',
    title: 'Delete against get, and the cache slot',
    file: 'web/scenarios/cache-slot.ts',
    scenario: 'cacheSlotAgainstDelete',
    picture: 'storage',
    exhibits: ['stale-cache', 'free-at-once'],
    theme: 'Lookup and its cache',
    done: ({ moment, exhibit }) => exhibit === 'stale-cache' && moment.wrong?.kind === 'use-after-free',
  },
  {
    id: 'map-free',
    title: 'Map free and its first grace period',
    file: 'web/scenarios/map-free.ts',
    scenario: 'createAgainstMapFree',
    picture: 'storage',
    exhibits: ['no-first-grace-period'],
    theme: 'Map free',
    done: ({ moment, exhibit }) => exhibit === 'no-first-grace-period' && moment.wrong !== null,
  },
  {
    id: 'socket-death',
    title: 'Socket destruction against map free',
    file: 'web/scenarios/socket-death.ts',
    scenario: 'socketDeath',
    picture: 'storage',
    exhibits: ['no-second-grace-period', 'no-first-grace-period', 'free-at-once'],
    theme: 'Socket destruction',
    done: ({ moment, exhibit }) => exhibit === 'no-second-grace-period' && moment.wrong?.kind === 'use-after-free',
  },
  {
    id: 'clone',
    title: 'The child that inherited a pointer',
    file: 'web/scenarios/clone.ts',
    scenario: 'childOfListener',
    picture: 'storage',
    exhibits: ['inherited-pointer'],
    theme: 'Clone',
    done: ({ moment, exhibit }) => exhibit === 'inherited-pointer' && moment.wrong !== null,
    isAnswer: stepThat((_, k, steps) => {
      const its = /^sock \d+ word 0$/
      const made = steps.findIndex((step) => step.operation === 'alloc' && its.test(step.place))
      return k === steps.findIndex((step, j) => j > made && step.stores && step.place === steps[made].place)
    }),
  },
]
