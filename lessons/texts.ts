/**
 * What the lessons say, each a few sentences, by id: of all but the first one, which brings its own. They are loaded
 * when another lesson is to be seen.
 */

import type { Lesson, Texts } from './lesson.ts'

export const TEXTS: Readonly<Record<string, Texts>> = {
  cmpxchg: {
    task: 'Make a CPU try twice, and bring both to their end.',
    text: [
      'cmpxchg stores only if the word still holds what you expect, and returns what it held: who gets back what it expected has stored, who does not has changed nothing. To try again is the work of the loop around it.',
      'No order loses an increment now. The price is that a CPU may have to go round more than once.',
    ],
    question: 'Which step made the cmpxchg of the other CPU fail?',
    hints: [
      'A cmpxchg fails if somebody stored between the load and it.',
      'Load with CPU 0, run CPU 1 to its end, and then go on with CPU 0.',
    ],
  },
  'spin-lock': {
    task: 'Stop a CPU half-way: it holds the lock, one of the two words is written, the other is read and not yet written, and the other CPU waits.',
    text: [
      'Two words have to change together, so one atomic step is not enough. They are one value of a map, the packets and bytes that were counted, and bpf_spin_lock lies in the value itself, beside what it guards.',
      'A CPU that wants a lock somebody holds has no next step. Its button says whom it waits for. A lock keeps out those who ask for it, and nobody else: who looks without it sees whatever stands there.',
    ],
    question: 'Who looked without the lock would see a packet whose bytes are missing: after which step first?',
    hints: [
      'The lock is one step, and each counter is two: a read and a write.',
      'Four steps of CPU 0 and none of CPU 1: then look at the button of CPU 1.',
    ],
  },
  publish: {
    task: 'Break it: publish first, and step CPU 1 into the object before it is filled in.',
    text: [
      'CPU 0 fills an object in and publishes a pointer to it: stores it where others look. CPU 1 follows the pointer. rcuAssignPointer makes everything written before it visible to whoever follows; rcuDereference orders what is read through the pointer, and nothing else.',
      'rcuReadLock and rcuReadUnlock around the reader are for the next lesson. They are no lock: they keep nobody out, and wait for nobody.',
      'CPU 0 first gets its object from the allocator, whose own words are steps, too: “Over” goes over such a call.',
      'This page runs one step after the other, so it cannot show a machine that reorders two stores. What it shows instead is the race report: two accesses that no order connects. A machine may have those in either order.',
    ],
    question: 'Which step let CPU 1 into the object before it was ready?',
    hints: [
      'Which order of the two lines makes a half-made object visible?',
      'Choose “Publish first, fill in afterwards”. CPU 1 has to follow the pointer before CPU 0 has come to its end.',
      'Run CPU 0 over the allocator to its store of the pointer and over it; then CPU 1 to its end.',
    ],
  },
  'grace-period': {
    task: 'Be the last reader: let CPU 1 follow the pointer, let CPU 0 wait for its section, then bring both to their end. CPU 1 still reads 42.',
    text: [
      'How to free what others may be reading, who take no lock? Linux’s answer is RCU (read, copy, update). CPU 0 takes the object away: it stores NULL, waits for a grace period, frees. A reader takes no lock; it only says where its read section begins and ends. A grace period is over when every section that was open at its beginning has ended. It is no fixed time, and the readers never wait: only who wants to free does.',
      'A reader that comes later is not waited for, and makes the grace period no longer. It cannot find the object any more.',
      'Each line of these has its reason, and each variant below takes one away: the wait, the section, the order of load and section’s end, the order of unlink, wait and free. Each goes wrong within twenty steps.',
      'Without the wait, the free is reported even where the reader has left its section by then: that was chance. Nothing made the free wait, so another time it comes before the read.',
    ],
    question: 'Which step did CPU 0 wait for?',
    hints: [
      'The section of CPU 1 has to be open when CPU 0 begins to wait.',
      'CPU 1: two steps, so that it holds the pointer. CPU 0 to its end: it stops at the grace period. Then CPU 1, and CPU 0 again.',
    ],
  },
  'two-creators': {
    task: 'Let both CPUs make a storage, and bring both to their end: the one whose cmpxchg comes too late returns 0, which is NULL.',
    text: [
      'Now the real source. A map of this kind keeps one value for each socket. A value lies in an element; a socket’s elements are on a list, and the list hangs on the socket: that is its storage, which comes with the first element.',
      'A socket has no storage yet, and two programs ask for a value with “create”. Each makes an element and a storage of its own, and there is no lock to take: the lock would be inside the storage.',
      'So the pointer is published by cmpxchg. The loser takes everything back, and its program gets NULL: not because memory ran out, but because it came too late. What it had made is freed by callbacks, after a grace period; each of them gets a button like a CPU’s. The way to the cmpxchg is long: run CPU 0 “To end”, then go back to just before “cas sock … sk_bpf_storage”, and let CPU 1 overtake.',
    ],
    hints: [
      'Both have to be past their look at “sk_bpf_storage” before one of them publishes.',
      'Run CPU 0 to its end, find its “cas sock … sk_bpf_storage” in the list of steps, and go to just before it.',
      'From there run CPU 1 to its end, and then CPU 0.',
    ],
  },
  'cache-slot': {
    task: 'Break it: cache without looking again, and see an element freed while the slot still leads to it.',
    text: [
      'A lookup that had to walk the list puts what it found into one of the sixteen cache slots of the storage, where the next lookup finds it at once. Meanwhile another CPU may have removed that very element.',
      'So it looks once more, under the lock that the remover needs too, and caches the element only if it is still linked. The read section that it is in keeps the memory from being freed; it keeps nothing on the list. CPU 0 does two such lookups here, each in a read section of its own; what CPU 1 deletes is freed by a callback, which waits for the section of the first.',
      'Where it was cached without looking again, what the second lookup finds in the slot may be freed under its eyes, before the read or after it: nothing orders the two, and the search stops at whichever order it comes to first.',
    ],
    hints: [
      'The element has to be deleted while CPU 0 is between its walk of the list and its store into the slot.',
      'Step CPU 0 into its lookup until the store into “cache” comes next; then run CPU 1 to its end; then CPU 0.',
      'CPU 1’s delete leaves a callback, which frees. It waits for the section of CPU 0’s first look; run it as soon as it can go on, and look at the slot.',
      'Watch an order that the search finds, start again, and step it yourself.',
    ],
  },
  'map-free': {
    task: 'Break it: without the first grace period, leave an element behind on the socket.',
    text: [
      'An element is on two lists: its socket’s, and one of its map’s, which are called buckets. Freeing a map sweeps its buckets and removes every element there. Nobody new finds the map by then. But a program that found the map a moment ago may still be adding an element.',
      'It does so inside a read section. The first grace period waits for that section, and only then the sweep begins.',
    ],
    hints: [
      'CPU 0 must have found the map, and not yet be on the bucket’s list, when the sweep passes.',
      'Step CPU 0 until it has made its element; run the map’s free as far as it goes; then CPU 0 to its end.',
      'Watch an order that the search finds, start again, and step it yourself.',
    ],
  },
  'socket-death': {
    task: 'Break it: without the second grace period, find the map or its buckets freed while the socket uses them.',
    text: [
      'The heart of the matter. The last reference to a socket goes, and its map is freed at the same time: both remove the same element, from two sides. Whoever sees it linked, under the lock, removes it; the other goes on without.',
      'The second grace period is for the dying socket: it takes the element off a bucket, under the bucket’s lock, and reads the map’s sizes to take back the charge. The sweep may find nothing more meanwhile and end, and map and buckets would be freed under the socket’s hands. The first one is for programs like that of lesson 8. There is none here, so without it nothing goes wrong in this lesson; that does not make it needless.',
    ],
    hints: [
      'The sweep has to find nothing more in the bucket, while the socket has still to read the map’s sizes.',
      'Run CPU 0 into the destruction until it has taken the element off its bucket; then run the map’s free and all its callbacks.',
      'Watch an order that the search finds, start again, and step it yourself.',
    ],
  },
  clone: {
    task: 'Break it: let the child keep the pointer, and see what closing the child does to its parent.',
    text: [
      'Accepting a connection copies the listener’s socket, field by field. Where the pointer to the listener’s storage is copied along, two sockets have one storage: a copied pointer counts nobody, and neither knows of the other. Linux had this bug twice.',
      'The child gets copies of those elements whose map asks for it, in a storage of its own. Until it has one, its pointer must be NULL.',
    ],
    question: 'Which step gave the child the pointer of its parent?',
    hints: [
      'The child is a copy, and so is its pointer. What does closing the child free?',
      'Run both CPUs to their end, one after the other, and read what is reported.',
    ],
  },
  'lost-wakeup': {
    task: 'Break it: let a CPU go to sleep that nobody will wake.',
    text: [
      'Who can’t have the mutex goes to sleep, and whoever releases it wakes a sleeper. Before it sleeps, a waiter leaves 2 in the word: “somebody may be asleep”. Atomics.wait sleeps only if the word is still 2; between that look and the sleep nobody gets in. A wake-up is not kept: who falls asleep after it has missed it.',
      'The release is one exchange: it frees the mutex and learns in the same step whether anybody waits. Made of two steps, look and store, it has a gap, and who comes through that gap sleeps for ever.',
    ],
    hints: [
      'The waiter’s 2 has to come after the look of the one who releases, and before its store.',
      'CPU 0 takes the mutex and goes on until its store of 0 comes next. Then CPU 1, until it sleeps. Then CPU 0.',
    ],
  },
  aba: {
    task: 'Break it: leave the version out, and bring a node onto the stack that a CPU has.',
    text: [
      'A stack of two nodes: node 1 on top, node 2 below it. To pop is to look which node is on top, to look what lies below, and to make that the top by cmpxchg, if the top is still what it was.',
      'CPU 1 takes both nodes, keeps node 2 and gives node 1 back. If CPU 0 looked before that, it finds the same node on top, and what it saw below is not below any more. So there is a version beside the node, which every change counts up: the word holds both, the version first. 11 is version 1, node 1, and no longer the 1 that was seen.',
      'cmpxchg does not notice ABA by itself. It compares what stands there with what is expected, nothing else.',
    ],
    question: 'Which step made the top again what CPU 0 had seen there?',
    hints: [
      'CPU 0 has to look at the top and below it, and not yet have done its cmpxchg.',
      'Two steps of CPU 0, CPU 1 to its end, CPU 0 to its end.',
    ],
  },
  'take-reference': {
    task: 'Break it: take the reference without looking, and read what is freed.',
    text: [
      'A read section keeps an object from being freed only for as long as it lasts. An object may also have a count of those who hold it, each of them a reference; who drops the last one frees it. Who wants to keep it longer takes a reference, inside the section: behind it the count may be gone with the object.',
      'Between the load of the pointer and the count, the last reference may be dropped. The object is then dying, its memory still there because of the section; a count that goes up from zero brings nothing back. So the reader may not just add one: refcountIncNotZero looks and adds in one step, and leaves a zero alone. Then the reader has found nothing.',
    ],
    hints: [
      'Zero has to be there before CPU 1 adds one.',
      'Two steps of CPU 1: it has the pointer. CPU 0 until it waits. CPU 1 to the end of its section, CPU 0 to its end, and CPU 1 again.',
    ],
  },
  'rcu-barrier': {
    task: 'Be the reader that the callback waits for: look for the entry before CPU 0 unlinks it, and let it be queued before you leave your section. CPU 1 reads 42, and all come to their end.',
    text: [
      'synchronizeRcu waits, here and now, until every reader that is in its section at that moment has left it. callRcu leaves a callback, a function that runs some time after such a grace period: for who must not sleep, or has no time.',
      'A module that is unloaded may have callbacks left. They are its own code, and here they look into its memory. When a grace period is over, callbacks may run; it says nothing of when they have. rcuBarrier waits until they have run.',
    ],
    question: 'The callback waited for a grace period. Which step ended that?',
    hints: [
      'CPU 1 has to be in its section while CPU 0 unlinks. The callback has buttons of its own once it is queued.',
      'CPU 1: two steps. CPU 0 to its end: it stops at rcuBarrier. CPU 1 to its end, then the callback, then CPU 0.',
    ],
  },
  reordering: {
    task: 'Break it: with plain accesses, let both stores come first, and let both loads read 0 all the same.',
    text: [
      'Until here one step came after the other, and a load read what was stored last. A machine does more: a store may wait in its CPU while that CPU goes on. So here you also say what a load reads. Where there is a choice, a CPU has a button for each store that it may read on an ARM; its own button reads the last one. Nothing is broken then: the store arrives, only later.',
      'Each CPU says that it is here, and looks whether the other one is. With Atomics at least one sees the other, whatever you choose: a store and a load of that kind stay in their order, for everybody.',
    ],
    question: 'In an interleaving the load of CPU 1 would have read what was stored by which step?',
    hints: [
      'Choose “Say and look with plain accesses”, and take the first step of each CPU.',
      'Now each load has two buttons. What would a CPU see that has not heard of the other’s store?',
    ],
  },
  'plain-publication': {
    task: 'Break it: publish with a plain store, follow the pointer, and read 0.',
    text: [
      'The publisher of lesson 4 once more: it fills an object in, and stores the pointer to it. The reader follows the pointer. There the page could only report a race; here you are the machine.',
      'rcuAssignPointer keeps the two stores in their order. The reader’s side costs nothing: its second load needs what the first one gave, and no ARM reads through a pointer before it has the pointer. That is what rcu_dereference is for; READ_ONCE alone, of a word that leads nowhere, orders nothing behind it.',
    ],
    question: 'Which step came first in the text of CPU 0, and too late for CPU 1?',
    hints: [
      'The reader has to see the pointer, and not yet see what the object holds.',
      'CPU 0 to its end; CPU 1 reads the pointer that CPU 0 has stored. What may its next load read?',
    ],
  },
  packets: {
    task: 'Break it: run the program that asks once, let both CPUs create the socket’s first element, and bring both and their callbacks to their end. One of two packets is not counted.',
    text: [
      'A BPF program in C, compiled by clang: what you step is what the verifier has accepted, line by line of C. It counts the packets that a socket sends, in the socket’s own storage, with an atomic addition: so no count is lost as in lesson 1.',
      'bpf_sk_storage_get with its flag F_CREATE makes the element where there is none, and the C stays in view above the code of the helper while that is stepped. You know what happens there from lesson 6: of two CPUs that make a socket’s first storage at once one comes too late, and its helper returns NULL. The same happens on Linux.',
      'The program as it stands asks again. By then the other CPU’s element is there, and all orders count both packets.',
    ],
    question: 'Which step of the other CPU made the helper return NULL?',
    hints: [
      'Both CPUs have to be past their look at “sk_bpf_storage” before one of them publishes.',
      'Choose “Take NULL for what never happens”. Run CPU 0 to its end, find its “cas sock … sk_bpf_storage” in the list of steps, and go to just before it.',
      'From there run CPU 1 to its end, then CPU 0 and its callbacks. Which cas came first?',
    ],
  },
  'free-play': {
    task: 'Say of a program with three outcomes or more how many its interleavings have, before you have them explored.',
    text: [
      'Put programs of your own together: each button adds an operation to a CPU. One socket, one map.',
      'Step them, or have all their interleavings explored. An outcome is what the programs return: many interleavings have the same one, so there are far fewer. The link keeps your programs.',
    ],
    hints: [
      'Outcomes are told by what each program’s operations return.',
      'Two “create” on one socket: can both come back with a value? Can one come back with none?',
    ],
  },
  museum: {
    task: 'Choose an exhibit, say which kind of fault will be reported, and step an execution in which it is.',
    text: [
      'Bugs of Linux (H) and rules of the design left out (D), each as an edit of the real source, with the program that shows it. What you step is the broken code; “Fix it” steps the code as it is.',
      'Find the interleaving by hand, from the story, or have it found. The command knows them too: sk-storage museum.',
    ],
    hints: [
      'The story says who has to be overtaken, and where.',
      'Watch an order that the search finds, start again, and step it yourself.',
    ],
  },
  litmus: {
    task: 'Say of a program with three outcomes or more how many it has, before you have them listed.',
    text: [
      'A litmus program is a few straight lines for each CPU over named words, all zero at start: “W x 1; R y | W y 1; R x” is two CPUs, each of which stores to one word and then looks at the other. W x 1 stores, R x loads, X x 1 exchanges, A x 1 adds, C x 0 1 is a cmpxchg that expects 0 and stores 1, L m and U m lock and unlock, T m tries to lock, AWAIT x==1 waits until x is 1. A semicolon ends a step, a bar begins the next CPU. All accesses are atomic.',
      'The search lists every outcome of a sequentially consistent machine, each with a witness to step through. A processor may show more of plain loads and stores: 0 for both reads of the program that stands here first is the best known.',
    ],
    hints: [
      'An outcome is what the reads returned, and what stands in the words at the end.',
      'For the program that stands here first: write down what the two reads return in each order of the four steps. How many different pairs are there?',
    ],
  },
}

/** What a lesson says. */
export const textsOf = ({ id, texts }: Lesson): Texts => texts ?? TEXTS[id]
