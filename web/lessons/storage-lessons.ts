/**
 * The lessons about sk storage itself: how it is made, cached, freed from two sides at once, and inherited.
 */

import { type Lesson, lostCmpxchg, results } from './lesson.ts'

export const STORAGE_LESSONS: readonly Lesson[] = [
  {
    id: 'two-creators',
    title: 'First storage: two creators',
    file: 'web/scenarios/two-creators.ts',
    scenario: 'twoCreators',
    picture: 'storage',
    exhibits: ['blind-publish'],
    theme: 'First storage',
    text: [
      'Now the real source. A socket has no storage yet, and two programs ask for a value with “create”. Each makes an element and a storage of its own, and there is no lock to take: the lock would be inside the storage.',
      'So the pointer is published by cmpxchg. The loser takes everything back, and its program gets NULL. What it had made is freed by callbacks, after a grace period; each of them gets a button like a CPU’s. The way to the cmpxchg is long: run CPU 0 “To end”, then go back to just before “cas sock … sk_bpf_storage”, and let CPU 1 overtake.',
    ],
    task: 'Let both CPUs make a storage, and bring both to their end: the one whose cmpxchg comes too late returns 0, which is NULL.',
    hints: [
      'Both have to be past their look at “sk_bpf_storage” before one of them publishes.',
      'Run CPU 0 to its end, find its “cas sock … sk_bpf_storage” in the list of steps, and go to just before it.',
      'From there run CPU 1 to its end, and then CPU 0.',
    ],
    done: ({ moment, exhibit }) =>
      exhibit === '' && results(moment).slice(0, 2).every(Number.isInteger) && lostCmpxchg(moment),
  },
  {
    id: 'cache-slot',
    title: 'Delete against get, and the cache slot',
    file: 'web/scenarios/cache-slot.ts',
    scenario: 'cacheSlotAgainstDelete',
    picture: 'storage',
    exhibits: ['stale-cache', 'free-at-once'],
    theme: 'Lookup and its cache',
    text: [
      'A lookup that had to walk the list puts what it found into one of the sixteen cache slots. Meanwhile another CPU may have removed that very element.',
      'So it looks once more, under the lock that the remover needs too, and caches the element only if it is still linked. CPU 0 looks twice here, in a read section each; what CPU 1 deletes is freed by a callback, which waits for the first of them.',
      'What is found in the slot by the second look may be freed under its eyes, before the read or after it: nothing orders the two, and the search stops at whichever order it comes to first.',
    ],
    task: 'Break it: cache without looking again, and see an element freed while the slot still leads to it.',
    hints: [
      'The element has to be deleted while CPU 0 is between its walk of the list and its store into the slot.',
      'Step CPU 0 into its lookup until the store into “cache” comes next; then run CPU 1 to its end; then CPU 0.',
      'CPU 1’s delete leaves a callback, which frees. It waits for the section of CPU 0’s first look; run it as soon as it can go on, and look at the slot.',
      'Watch an order that the search finds, start again, and step it yourself.',
    ],
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
    text: [
      'Freeing a map sweeps its buckets and removes every element there. But a program that found the map a moment ago may still be adding one.',
      'It does so inside a read section. The first grace period waits for that section, and only then the sweep begins.',
    ],
    task: 'Break it: without the first grace period, leave an element behind on the socket.',
    hints: [
      'CPU 0 must have found the map, and not yet be on the bucket’s list, when the sweep passes.',
      'Step CPU 0 until it has made its element; run the map’s free as far as it goes; then CPU 0 to its end.',
      'Watch an order that the search finds, start again, and step it yourself.',
    ],
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
    text: [
      'The heart of the matter. The last reference to a socket goes, and its map is freed at the same time: both remove the same element, from two sides. Whoever sees it linked, under the lock, removes it; the other goes on without.',
      'The second grace period is for the dying socket: it takes the element off a bucket, under the bucket’s lock, and reads the map’s sizes to take back the charge. The sweep may find nothing more meanwhile and end, and map and buckets would be freed under the socket’s hands. Here the first one is not missed by anybody; who misses it is the program of the lesson before.',
    ],
    task: 'Break it: without the second grace period, find the map or its buckets freed while the socket uses them.',
    hints: [
      'The sweep has to find nothing more in the bucket, while the socket has still to read the map’s sizes.',
      'Run CPU 0 into the destruction until it has taken the element off its bucket; then run the map’s free and all its callbacks.',
      'Watch an order that the search finds, start again, and step it yourself.',
    ],
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
    text: [
      'Accepting a connection copies the listener’s socket, field by field. Where the pointer to the listener’s storage is copied along, two sockets have one storage. Linux had this bug twice.',
      'The child gets copies of those elements whose map asks for it, in a storage of its own. Until it has one, its pointer must be NULL.',
    ],
    task: 'Break it: let the child keep the pointer, and see what closing the child does to its parent.',
    hints: [
      'The child is a copy, and so is its pointer. What does closing the child free?',
      'Run both CPUs to their end, one after the other, and read what is reported.',
    ],
    done: ({ moment, exhibit }) => exhibit === 'inherited-pointer' && moment.wrong !== null,
  },
]
