/**
 * The lessons, in the order in which they build on each other.
 */

import { MUSEUM } from '../exhibit-index.ts'
import { ended, halfWay, type Lesson, results, unlinkedUnderReader, waitedForReader } from './lesson.ts'
import { STORAGE_LESSONS } from './storage-lessons.ts'

export const LESSONS: readonly Lesson[] = [
  {
    id: 'lost-update',
    title: 'The lost update',
    file: 'web/scenarios/lost-update.ts',
    scenario: 'lostUpdate',
    picture: 'words',
    exhibits: [],
    text: [
      'You are the scheduler. Two CPUs run the same two lines: look at a counter, store one more. Each button runs one visible step of one CPU; nothing happens that you did not ask for.',
      'Run one CPU to its end and then the other, and the counter is 2. Every single load and store is atomic, and still there is an order in which an increment is lost.',
    ],
    task: 'Make two increments come out as 1.',
    hints: [
      'A load takes a copy. What does a CPU know of the counter after its load?',
      'Let both CPUs load before one of them stores.',
    ],
    done: ({ moment }) => moment.wrong?.kind === 'assertion',
  },
  {
    id: 'cmpxchg',
    title: 'Look and store in one step',
    file: 'web/scenarios/cmpxchg.ts',
    scenario: 'increments',
    picture: 'words',
    exhibits: ['blind-cmpxchg'],
    text: [
      'cmpxchg stores only if the word still holds what you expect, and returns what it held. Whoever comes too late learns it and tries again.',
      'No order loses an increment now. The price is that a CPU may have to go round more than once.',
    ],
    task: 'Make a CPU try twice, and bring both to their end.',
    hints: [
      'A cmpxchg fails if somebody stored between the load and it.',
      'Load with CPU 0, run CPU 1 to its end, and then go on with CPU 0.',
    ],
    done: ({ moment, exhibit }) =>
      exhibit === '' && ended(moment) && results(moment).some((tries) => typeof tries === 'number' && tries > 1),
  },
  {
    id: 'spin-lock',
    title: 'A lock inside the value',
    file: 'web/scenarios/spin-lock.ts',
    scenario: 'twoCounters',
    picture: 'words',
    exhibits: ['early-unlock'],
    text: [
      'Two words have to change together, so one atomic step is not enough. bpf_spin_lock lies in the value itself, beside what it guards.',
      'A CPU that wants a lock somebody holds has no next step. Its button says whom it waits for.',
    ],
    task: 'Stop a CPU half-way: it holds the lock, one of the two words is written, the other is read and not yet written, and the other CPU waits.',
    hints: [
      'The lock is one step, and each counter is two: a read and a write.',
      'Four steps of CPU 0 and none of CPU 1: then look at the button of CPU 1.',
    ],
    done: ({ moment }) => halfWay(moment) && moment.threads.some(({ why }) => why.includes('held by')),
  },
  {
    id: 'publish',
    title: 'Publishing, and what follows from a pointer',
    file: 'web/scenarios/publish.ts',
    scenario: 'publish',
    picture: 'words',
    exhibits: ['early-publish', 'plain-publish'],
    text: [
      'CPU 0 fills an object in and publishes a pointer to it. CPU 1 follows the pointer. rcuAssignPointer makes everything written before it visible to whoever follows; rcuDereference orders what is read through the pointer, and nothing else.',
      'CPU 0 first gets its object from the allocator, whose own words are steps, too: “Over” goes over such a call.',
      'This page runs one step after the other, so it cannot show a machine that reorders two stores. What it shows instead is the race report: two accesses that no order connects. A machine may do with those what it likes.',
    ],
    task: 'Break it: publish first, and step CPU 1 into the object before it is filled in.',
    hints: [
      'Which order of the two lines makes a half-made object visible?',
      'Choose “Publish first, fill in afterwards”. CPU 1 has to follow the pointer before CPU 0 has come to its end.',
      'Run CPU 0 over the allocator to its store of the pointer and over it; then CPU 1 to its end.',
    ],
    done: ({ moment, exhibit }) => exhibit === 'early-publish' && moment.wrong?.kind === 'data-race',
  },
  {
    id: 'grace-period',
    title: 'A grace period by hand',
    file: 'web/scenarios/publish.ts',
    scenario: 'gracePeriod',
    picture: 'words',
    exhibits: ['no-grace-period', 'no-read-section', 'use-after-section', 'free-before-unlink', 'unlink-after-wait'],
    text: [
      'CPU 0 takes the object away: it stores NULL, waits for a grace period, frees. A reader takes no lock; it only says where its read section begins and ends. A grace period is over when every section that was open at its beginning has ended.',
      'A reader that comes later is not waited for. It cannot find the object any more.',
      'Each line of these has its reason, and each variant below takes one away: the wait, the section, the order of load and section’s end, the order of unlink, wait and free. None of them takes twenty steps to go wrong.',
      'Without the wait, the free is reported even where the reader has left its section by then: that was chance. Nothing made the free wait, so another time it comes before the read.',
    ],
    task: 'Be the last reader: let CPU 1 follow the pointer, let CPU 0 wait for its section, then bring both to their end. CPU 1 still reads 42.',
    hints: [
      'The section of CPU 1 has to be open when CPU 0 begins to wait.',
      'CPU 1: two steps, so that it holds the pointer. CPU 0 to its end: it stops at the grace period. Then CPU 1, and CPU 0 again.',
    ],
    done: ({ moment, exhibit }) =>
      exhibit === '' && ended(moment) && waitedForReader(moment) && results(moment).includes(42),
  },
  ...STORAGE_LESSONS,
  {
    id: 'lost-wakeup',
    title: 'The lost wake-up',
    file: 'web/scenarios/lost-wakeup.ts',
    scenario: 'lostWakeup',
    picture: 'words',
    exhibits: ['look-then-wake'],
    text: [
      'Who can’t have the mutex goes to sleep, and whoever releases it wakes a sleeper. Before it sleeps, a waiter leaves 2 in the word: “somebody may be asleep”. Atomics.wait sleeps only if the word is still 2; between that look and the sleep nobody gets in.',
      'The release is one exchange: it frees the mutex and learns in the same step whether anybody waits. Made of two steps, look and store, it has a gap, and who comes through that gap sleeps for ever.',
    ],
    task: 'Break it: let a CPU go to sleep that nobody will wake.',
    hints: [
      'The waiter’s 2 has to come after the look of the one who releases, and before its store.',
      'CPU 0 takes the mutex and goes on until its store of 0 comes next. Then CPU 1, until it sleeps. Then CPU 0.',
    ],
    done: ({ moment, exhibit }) => exhibit !== '' && moment.wrong !== null,
  },
  {
    id: 'aba',
    title: 'ABA: the same value is not the same time',
    file: 'web/scenarios/reused-node.ts',
    scenario: 'reusedNode',
    picture: 'words',
    exhibits: ['no-version'],
    text: [
      'A stack of two nodes: node 1 on top, node 2 below it. To pop is to look which node is on top, to look what lies below, and to make that the top by cmpxchg, if the top is still what it was.',
      'CPU 1 takes both nodes, keeps node 2 and gives node 1 back. If CPU 0 has looked before that, it finds the same node on top as it saw, and what it saw below is not below any more. So there is a version beside the node, which every change counts up: 11 is node 1 in version 1, and no longer the 1 that was seen.',
      'cmpxchg does not notice ABA by itself. It compares what stands there with what is expected, nothing else.',
    ],
    task: 'Break it: leave the version out, and bring a node onto the stack that a CPU has.',
    hints: [
      'CPU 0 has to look at the top and below it, and not yet have done its cmpxchg.',
      'Two steps of CPU 0, CPU 1 to its end, CPU 0 to its end.',
    ],
    done: ({ moment, exhibit }) => exhibit !== '' && moment.wrong !== null,
  },
  {
    id: 'take-reference',
    title: 'Load a pointer, then take a reference',
    file: 'web/scenarios/take-reference.ts',
    scenario: 'takeReference',
    picture: 'words',
    exhibits: ['blind-reference', 'late-reference'],
    text: [
      'A read section keeps an object from being freed only for as long as it lasts. Who wants to keep it longer takes a reference, inside the section: behind it the count may be gone with the object.',
      'Between the load of the pointer and the count, the last reference may be dropped. The object is then dying, its memory still there because of the section. So the reader may not just add one: refcountIncNotZero looks and adds in one step, and leaves a zero alone. Then the reader has found nothing.',
    ],
    task: 'Break it: take the reference without looking, and read what is freed.',
    hints: [
      'Zero has to be there before CPU 1 adds one.',
      'Two steps of CPU 1: it has the pointer. CPU 0 until it waits. CPU 1 to the end of its section, CPU 0 to its end, and CPU 1 again.',
    ],
    done: ({ moment, exhibit }) => exhibit === 'blind-reference' && moment.wrong?.kind === 'use-after-free',
  },
  {
    id: 'rcu-barrier',
    title: 'callRcu, synchronizeRcu and rcuBarrier',
    file: 'web/scenarios/unload.ts',
    scenario: 'moduleUnload',
    picture: 'words',
    exhibits: ['synchronize-for-barrier', 'no-barrier'],
    text: [
      'synchronizeRcu waits, here and now, until every reader of before has left its section. callRcu does not wait: it leaves a callback, which runs some time after such a grace period. Who must not sleep, or has no time, uses callRcu.',
      'A module that is unloaded may have callbacks left. They are its own code, and here they look into its memory. When a grace period is over, callbacks may run; it says nothing of when they have. rcuBarrier waits until they have run.',
    ],
    task: 'Be the reader that the callback waits for: look for the entry before CPU 0 unlinks it, and let it be queued before you leave your section. CPU 1 reads 42, and all come to their end.',
    hints: [
      'CPU 1 has to be in its section while CPU 0 unlinks. The callback has buttons of its own once it is queued.',
      'CPU 1: two steps. CPU 0 to its end: it stops at rcuBarrier. CPU 1 to its end, then the callback, then CPU 0.',
    ],
    done: ({ moment, exhibit }) =>
      exhibit === '' && ended(moment) && results(moment).includes(42) && unlinkedUnderReader(moment),
  },
  {
    id: 'free-play',
    title: 'Free play',
    file: 'web/scenarios/free-play.ts',
    scenario: '',
    picture: 'storage',
    exhibits: [],
    text: [
      'Put programs of your own together: each button adds an operation to a CPU. One socket, one map.',
      'Step them, or have all their interleavings explored. The link keeps your programs.',
    ],
    task: 'Say of a program how many outcomes its interleavings have, before you have them explored.',
    hints: [
      'Outcomes are told by what each program’s operations return.',
      'Two “create” on one socket: can both come back with a value? Can one come back with none?',
    ],
    done: 'predicted',
  },
  {
    id: 'museum',
    title: 'The museum',
    file: '',
    scenario: '',
    picture: 'storage',
    exhibits: MUSEUM.map(({ id }) => id),
    text: [
      'Bugs of Linux (H) and rules of the design left out (D), each as an edit of the real source, with the program that shows it. What you step is the broken code; “Fix it” steps the code as it is.',
      'Find the interleaving by hand, from the story, or have it found. The command knows them too: sk-storage museum.',
    ],
    task: 'Choose an exhibit, and step an execution that goes wrong.',
    hints: [
      'The story says who has to be overtaken, and where.',
      'Watch an order that the search finds, start again, and step it yourself.',
    ],
    done: ({ moment, exhibit }) => exhibit !== '' && moment.wrong !== null,
  },
  {
    id: 'litmus',
    title: 'Litmus corner',
    file: '',
    scenario: '',
    picture: 'words',
    exhibits: [],
    text: [
      'A litmus program is a few straight lines for each CPU over named words, all zero at start. W x 1 stores, R x loads, X x 1 exchanges, A x 1 adds, C x 0 1 is a cmpxchg that expects 0 and stores 1, L m and U m lock and unlock, T m tries to lock, AWAIT x==1 waits until x is 1. A semicolon ends a step, a bar begins the next CPU. All accesses are atomic.',
      'The search lists every outcome of a sequentially consistent machine, each with a witness to step through. A processor may show more of plain loads and stores: 0 for both reads of the program that stands here first is the best known.',
    ],
    task: 'Say how many outcomes a program has, before you have them listed.',
    hints: [
      'An outcome is what the reads returned, and what stands in the words at the end.',
      'For the program that stands here first: write down what the two reads return in each order of the four steps. How many different pairs are there?',
    ],
    done: 'predicted',
  },
]

export const lessonOf = (id: string): Lesson => LESSONS.find((each) => each.id === id) ?? LESSONS[0]
