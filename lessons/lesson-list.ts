/**
 * The lessons, in the order in which they build on each other.
 */

import { MUSEUM } from './exhibit-index.ts'
import {
  ended,
  halfWay,
  isLate,
  type Lesson,
  results,
  stepThat,
  storesFirst,
  unlinkedUnderReader,
  waitedForReader,
} from './lesson.ts'
import { STORAGE_LESSONS } from './storage-lessons.ts'

export const LESSONS: readonly Lesson[] = [
  {
    id: 'lost-update',
    title: 'The lost update',
    file: 'web/scenarios/lost-update.ts',
    scenario: 'lostUpdate',
    picture: 'words',
    exhibits: [],
    texts: {
      task: 'Make two increments come out as 1, so that the CPU that looks first is the one that stores last.',
      text: [
        'You are the scheduler. Two CPUs run the same two lines: look at a counter, store one more. Each button runs one visible step of one CPU; nothing happens that you did not ask for.',
        'Run one CPU to its end and then the other, and the counter is 2. Each load and each store is atomic, done in one piece, and still there is an order in which an increment is lost.',
      ],
      question: 'Which step read a number that was out of date by the time its CPU made use of it?',
      hints: [
        'A load takes a copy. What does a CPU know of the counter after its load?',
        'Let both CPUs load before one of them stores.',
        'CPU 0 loads, CPU 1 does all that it has to do, and CPU 0 stores.',
      ],
    },
    done: ({ moment: { steps, wrong } }) => wrong?.kind === 'assertion' && steps[0].thread === steps.at(-1)!.thread,
    isAnswer: stepThat((step, k, steps) => {
      const use = steps.findIndex(({ thread, stores }, j) => j > k && thread === step.thread && stores)
      return !step.stores && steps.slice(k, use).some(({ thread, stores }) => stores && thread !== step.thread)
    }),
  },
  {
    id: 'cmpxchg',
    title: 'Look and store in one step',
    file: 'web/scenarios/cmpxchg.ts',
    scenario: 'increments',
    picture: 'words',
    exhibits: ['blind-cmpxchg'],
    done: ({ moment, exhibit }) =>
      exhibit === '' && ended(moment) && results(moment).some((tries) => typeof tries === 'number' && tries > 1),
    isAnswer: stepThat((_, k, steps) => {
      const failed = steps.findIndex(({ operation, stores }) => operation === 'cas' && !stores)
      return k === steps.findLastIndex(({ stores }, j) => j < failed && stores)
    }),
  },
  {
    id: 'spin-lock',
    title: 'A lock inside the value',
    file: 'web/scenarios/spin-lock.ts',
    scenario: 'twoCounters',
    picture: 'words',
    exhibits: ['early-unlock'],
    done: ({ moment }) => halfWay(moment) && moment.threads.some(({ why }) => why.includes('held by')),
    isAnswer: stepThat(
      (_, k, steps) => k === steps.findLastIndex(({ operation, stores }) => /write/.test(operation) && stores),
    ),
  },
  {
    id: 'publish',
    title: 'Publishing, and what follows from a pointer',
    file: 'web/scenarios/publish.ts',
    scenario: 'publish',
    picture: 'words',
    exhibits: ['early-publish', 'plain-publish'],
    done: ({ moment, exhibit }) => exhibit === 'early-publish' && moment.wrong?.kind === 'data-race',
    isAnswer: stepThat(({ operation, place, thread }) => thread === 0 && operation === 'store' && /^file/.test(place)),
  },
  {
    id: 'grace-period',
    title: 'A grace period by hand',
    file: 'web/scenarios/publish.ts',
    scenario: 'gracePeriod',
    picture: 'words',
    exhibits: ['no-grace-period', 'no-read-section', 'use-after-section', 'free-before-unlink', 'unlink-after-wait'],
    done: ({ moment, exhibit }) =>
      exhibit === '' && ended(moment) && waitedForReader(moment) && results(moment).includes(42),
    isAnswer: stepThat(({ operation, thread }) => thread === 1 && operation === 'read-section exit'),
  },
  ...STORAGE_LESSONS,
  {
    id: 'lost-wakeup',
    title: 'The lost wake-up',
    file: 'web/scenarios/lost-wakeup.ts',
    scenario: 'lostWakeup',
    picture: 'words',
    exhibits: ['look-then-wake'],
    done: ({ moment, exhibit }) => exhibit !== '' && moment.wrong !== null,
  },
  {
    id: 'aba',
    title: 'ABA: the same value is not the same time',
    file: 'web/scenarios/reused-node.ts',
    scenario: 'reusedNode',
    picture: 'words',
    exhibits: ['no-version'],
    done: ({ moment, exhibit }) => exhibit !== '' && moment.wrong !== null,
    isAnswer: stepThat((_, k, steps) => {
      const own = steps.findLastIndex(({ thread, operation }) => thread === 0 && operation === 'cas')
      return k === steps.findLastIndex(({ place, stores }, j) => j < own && place === 'top' && stores)
    }),
  },
  {
    id: 'take-reference',
    title: 'Load a pointer, then take a reference',
    file: 'web/scenarios/take-reference.ts',
    scenario: 'takeReference',
    picture: 'words',
    exhibits: ['blind-reference', 'late-reference'],
    done: ({ moment, exhibit }) => exhibit === 'blind-reference' && moment.wrong?.kind === 'use-after-free',
  },
  {
    id: 'rcu-barrier',
    title: 'callRcu, synchronizeRcu and rcuBarrier',
    file: 'web/scenarios/unload.ts',
    scenario: 'moduleUnload',
    picture: 'words',
    exhibits: ['synchronize-for-barrier', 'no-barrier'],
    done: ({ moment, exhibit }) =>
      exhibit === '' && ended(moment) && results(moment).includes(42) && unlinkedUnderReader(moment),
    isAnswer: stepThat(({ operation, thread }) => thread === 1 && operation === 'read-section exit'),
  },
  {
    id: 'reordering',
    title: 'Reordering: who looks first',
    file: 'web/scenarios/reordering.ts',
    scenario: 'storeBuffering',
    picture: 'words',
    memory: 'arm',
    exhibits: ['plain-accesses'],
    done: ({ moment, exhibit }) =>
      exhibit !== '' && ended(moment) && storesFirst(moment) && results(moment).every((read) => read === 0),
    isAnswer: stepThat(({ thread, stores }) => thread === 0 && stores),
  },
  {
    id: 'plain-publication',
    title: 'Publication by a plain store',
    file: 'web/scenarios/reordering.ts',
    scenario: 'publication',
    picture: 'words',
    memory: 'arm',
    exhibits: ['plain-store'],
    done: ({ moment, exhibit }) => exhibit !== '' && moment.wrong !== null && results(moment)[1] === 0,
    isAnswer: stepThat(({ thread, place, stores }) => thread === 0 && stores && place === 'value'),
  },
  {
    id: 'packets',
    title: 'Two BPF programs, and NULL',
    file: 'web/scenarios/packets.ts',
    scenario: 'twoPackets',
    picture: 'storage',
    exhibits: ['ask-once'],
    theme: 'First storage',
    done: ({ moment, exhibit }) => exhibit !== '' && moment.wrong?.kind === 'assertion',
    isAnswer: stepThat((_, k, steps) => {
      const own = steps.findLastIndex(isLate)
      return k === steps.findLastIndex(({ place, stores }, j) => j < own && stores && place === steps[own].place)
    }),
  },
  {
    id: 'free-play',
    title: 'Free play',
    file: 'web/scenarios/free-play.ts',
    scenario: '',
    picture: 'storage',
    exhibits: [],
    done: 'predicted',
  },
  {
    id: 'museum',
    title: 'The museum',
    file: '',
    scenario: '',
    picture: 'storage',
    exhibits: MUSEUM.map(({ id }) => id),
    done: ({ moment, exhibit, foretold }) => exhibit !== '' && moment.wrong !== null && moment.wrong.kind === foretold,
    foretells: true,
  },
  {
    id: 'litmus',
    title: 'Litmus corner',
    file: '',
    scenario: '',
    picture: 'words',
    exhibits: [],
    done: 'predicted',
  },
]

export const lessonOf = (id: string): Lesson => LESSONS.find((each) => each.id === id) ?? LESSONS[0]
