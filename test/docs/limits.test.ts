/**
 * docs/limits.md, sentence by sentence: which tests show it, or why none does.
 *
 * A sentence is named by its first words, a test by its file below test/ and the beginning of its title.
 */

import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '../..')

type Row = readonly [sentence: string, ...shown: (readonly [file: string, title: string])[]]

/** Sentences that nothing is run for, with the reason. */
const UNSHOWN: readonly (readonly [sentence: string, reason: string])[] = [
  ['"Every interleaving", "no data race"', 'says what the page is about'],
  ['Three kinds of access', 'a heading: the next three'],
  ['What follows from this', 'a heading: the next three'],
  ['An aligned 32-bit load', 'the standard says it, and no run could show it'],
  ['V8 neither moves it', 'was looked at in the code that V8 makes'],
  ['A scenario is small', 'what is not explored has nothing to run'],
  ['No thread is interrupted', 'what is not modelled has nothing to run'],
  ['So is, under the plugin', 'is about the order in which others hand files over'],
  ['No test asserts a time', 'speed is measured, on a machine that stands still'],
  ['Real machines and real compilers', 'of the machine, and the reason for what follows'],
  ['All `Atomics` are sequentially', 'a theorem about the standard'],
  ['What it returns may be stale', 'advice to who uses it'],
  ['So it stores NULL, and links', 'says where it is used'],
  ['On the machine such a store', 'what is not shown has nothing to run'],
  ['They are all visible with', 'the standard says it'],
  ['Code that is right here', 'about code in another language'],
  ['There is no "benign"', 'says the same once more'],
  ['Linux relies on the same', 'of another program'],
  ['ECMAScript has no such order', 'of the standard'],
  ['It is the one place where', 'a judgement of our own code'],
  ['It leans on this:', 'a heading: the next four'],
  ['(The standard says so too.)', 'of the standard'],
  ['(Looked at in the code', 'says how it was looked at'],
  ['The destruction of a socket is such', 'says where it happened'],
  ['What needs four CPUs', 'what is not explored has nothing to run'],
  ['Runs on real threads (', 'says what such runs are worth'],
  ['Nobody looks in other programs', 'what is not done has nothing to run'],
  ['In a pool of threads that is', 'how pools are made, and no doing of ours'],
  ['One core loads the module once', 'says why the others may differ'],
  ['The judges of soundness', 'says on which versions of Node judges were run'],
  ['Of methods in object literals', 'may be so or not: nothing is promised'],
  ['It is a clock, and no test', 'a run that could be wrong by the clock shows nothing'],
  ['The main thread never waits', 'what never happens has nothing to run'],
  ["What can't be observed from", 'what is not compared has nothing to run'],
  ['What was to be reached', 'says where to read'],
  ['In such a sample two orders', 'says what a block is: a sample by itself'],
  ['A scenario that is clean in *every*', 'a theorem about the standard'],
]

const SHOWN: readonly Row[] = [
  // What sequential consistency covers
  ['The explorer runs one step', ['explore/search/random-programs.test.ts', 'random programs with loads, stores, CAS']],
  ['ECMAScript closes the gap', ['explore/limits.test.ts', 'has no race where plain stores would need a value out of']],
  [
    'So the explorer does two things',
    ['explore/detectors/detectors.test.ts', 'is two unordered plain accesses, one of which'],
  ],
  [
    'Those the letter of the standard',
    ['explore/limits.test.ts', 'has no race where plain stores would need a value out of'],
  ],
  [
    '`rcuDereference`, a plain',
    ['explore/detectors/detectors.test.ts', 'orders the object it points to behind its atomic'],
  ],
  ['`hintLoad`, a plain', ['explore/detectors/detectors.test.ts', 'is ordered away by an atomic load that reads']],
  [
    '`writeOnce`, a plain',
    ['explore/detectors/detectors.test.ts', 'may race with a dereference or a hint, and with nothing else'],
    ['explore/detectors/detectors.test.ts', 'is seen by a load that a lock orders behind it, and orders nothing'],
  ],
  [
    'It publishes nothing: a pointer',
    ['explore/detectors/detectors.test.ts', 'is seen by a load that a lock orders behind it, and orders nothing'],
  ],
  [
    "A reordering can't be *shown*",
    ['explore/detectors/detectors.test.ts', 'of a pointer that a plain store published is a race'],
    ['explore/memory/our-uses.test.ts', '%s: %s fails under arm alone'],
  ],
  ['`--memory` shows it, for programs', ['explore/memory/our-uses.test.ts', '%s: %s fails under arm alone']],
  ["JavaScript is stronger than the kernel's C", ['explore/limits.test.ts', 'is ordered by %s as ECMAScript says']],
  [
    'Lock-free code that races',
    ['explore/detectors/detectors.test.ts', 'is two unordered plain accesses, one of which'],
  ],
  // What rcuDereference leans on
  ['A reader follows pointers', ['explore/memory/our-uses.test.ts', 'a scenario of the storage holds under arm']],
  ['What makes that right is', ['explore/memory/our-uses.test.ts', 'a scenario of the storage holds under arm']],
  [
    'The publisher stores with',
    ['explore/detectors/detectors.test.ts', 'of a pointer that a plain store published is a race'],
  ],
  ['What the reader then touches', ['explore/detectors/detectors.test.ts', 'does not order an unrelated word']],
  [
    'The explorer grants a dereference',
    ['explore/detectors/detectors.test.ts', 'carries on through the next dereference'],
    ['explore/detectors/detectors.test.ts', 'does not order an unrelated word'],
  ],
  [
    'Reading another word that the publisher',
    ['explore/detectors/detectors.test.ts', 'does not order an unrelated word'],
    ['explore/detectors/detectors.test.ts', 'of a pointer that a plain store published is a race'],
  ],
  ['A NULL orders nothing', ['explore/limits.test.ts', 'that finds NULL orders nothing, where a real load does']],
  ['The grace period is ordinary', ['explore/memory/our-uses.test.ts', 'a plain load of the number that is reported']],
  // What "every interleaving" does not cover
  [
    'Which lines of `src/sync`',
    ['explore/cover/ground.test.ts', 'has a reason for each site that is not in both orders'],
  ],
  [
    'Locks, grace periods and waits',
    ['explore/engine/tags-explored.test.ts', 'costs one execution per order of taking it'],
  ],
  ['Their insides are explored apart', ['explore/raw-storage.test.ts', '%s ends as it does with the primitives']],
  [
    "Memory of the explorer's executions",
    ['explore/explore.test.ts', 'starts every execution from what setup made'],
    ['explore/detectors/detectors.test.ts', 'state that a thread changed outside shared memory, by its name'],
    ['explore/limits.test.ts', 'is state of a closure that shows in no step, value or result'],
  ],
  [
    'Other state of the language',
    ['explore/detectors/detectors.test.ts', 'state that a thread changed outside shared memory, by its name'],
    ['explore/limits.test.ts', 'is state of a closure that shows in no step, value or result'],
  ],
  [
    'State that shows in none of these',
    ['explore/limits.test.ts', 'is state of a closure that shows in no step, value or result'],
  ],
  [
    'A thread that writes to `globalThis`',
    ['explore/proofs.test.ts', 'and so is one that changes %s, which a worker has for itself'],
  ],
  ['What only a later one writes', ['explore/proofs.test.ts', 'but not for what after changes there, nor setup']],
  [
    '`Math.random`, `crypto`',
    ['explore/proofs.test.ts', 'each thread draws its own numbers, the same in every order'],
    ['explore/limits.test.ts', 'clocks stand still, and the verdict says who asked'],
  ],
  [
    'The verdict says so where a thread asked',
    ['explore/limits.test.ts', 'clocks stand still, and the verdict says who asked'],
  ],
  ['Nothing is collected while', ['explore/limits.test.ts', 'is what would be called when something is collected']],
  ['An access to shared memory that', ['explore/audit/audit.test.ts', 'is refused, and the search is no proof']],
  [
    'An array pattern with an `await`',
    ['explore/limits.test.ts', 'leaves the iterator of an array pattern with an await'],
  ],
  ['In a thread it is closed', ['explore/limits.test.ts', 'leaves the iterator of an array pattern with an await']],
  [
    'Of the variables at the top of modules',
    ['explore/agents/modules.test.ts', 'begins anew for each thread, in each execution'],
  ],
  ['One for all threads are', ['explore/agents/modules.test.ts', 'is one for all threads in what CommonJS exports']],
  [
    'What a thread changes there',
    ['explore/agents/modules.test.ts', 'is one for all threads in what CommonJS exports'],
  ],
  ['What a module awaits at its top', ['explore/agents/top-await.test.ts', '%s']],
  ['It does not wait again for', ['explore/agents/top-await.test.ts', 'is not waited for again where it makes what']],
  [
    'A variable that a module makes',
    ['explore/agents/top-await.test.ts', 'is refused where it comes from outside, as soon as'],
    ['explore/agents/top-await.test.ts', 'is refused where the function of the thread is'],
  ],
  [
    'Under Vite all modules of a process',
    ['explore/instrumented/one-load.test.ts', 'is refused since a module of nobody there'],
  ],
  [
    'Memory that a module shares',
    ['explore/agents/modules.test.ts', 'of shared memory is the thread’s own, but for what'],
  ],
  ['A file that names no test runner', ['explore/agents/own-classes.test.ts', 'registers again in each thread what a']],
  [
    'That the analysis leaves out no variable',
    ['explore/agents/modules.test.ts', 'is one for all threads in what CommonJS exports'],
  ],
  [
    'Two copies of the package in one process',
    ['cli/package-copies.test.ts', 'explores async code with either copy'],
    ['cli/package-copies.test.ts', 'refuses natives that the other copy has changed'],
  ],
  ['Natives that both have changed', ['cli/package-copies.test.ts', 'refuses natives that the other copy has changed']],
  [
    'Of what `setup` returned',
    ['explore/program/copies.test.ts', 'is as setup left it, in each execution and in a replay'],
    ['explore/program/copies.test.ts', 'is copied as long as it has no more than 64 objects'],
    ['explore/program/copies.test.ts', 'has its own private members: %s'],
    ['explore/program/copies.test.ts', 'is one for all, and watched, with %s'],
    ['explore/program/copies.test.ts', 'is not copied with %s in it'],
    ['explore/program/copies.test.ts', 'is one for all where a class hands its objects to somebody'],
  ],
  [
    'If there is anything else in it, or more',
    ['explore/program/copies.test.ts', 'is not copied with %s in it'],
    ['explore/program/copies.test.ts', 'is copied as long as it has no more than 64 objects'],
  ],
  ['A copy of an object whose class', ['explore/agents/own-classes.test.ts', 'is one of the thread’s class: %s']],
  ['An object that all threads have', ['explore/agents/own-classes.test.ts', 'is one of the thread’s class: %s']],
  [
    'The operator `instanceof` and',
    ['explore/agents/own-classes.test.ts', 'is one of the thread’s class: %s'],
    ['explore/agents/own-classes.test.ts', 'is refused where a private name would tell: %s'],
  ],
  [
    "Where a method of the thread's class",
    ['explore/agents/own-classes.test.ts', 'is refused where a method of the thread'],
    ['explore/agents/own-classes.test.ts', 'is refused there though the author catches what comes of it'],
  ],
  ['What only closures or compiled', ['explore/agents/own-classes.test.ts', 'is not looked for in closures and Maps']],
  [
    'Async code is explored',
    ['explore/limits.test.ts', 'has two tasks of one thread in both orders'],
    ['explore/limits.test.ts', 'that polls by await is run as it stands'],
    ['explore/agents/tasks.test.ts', 'timers run when nobody can go on'],
  ],
  [
    'A listener of an `EventTarget`',
    ['explore/agents/event-targets.test.ts', 'signals that depend on another one are aborted before'],
  ],
  ['A loop that polls by `await`', ['explore/limits.test.ts', 'that polls by await is run as it stands']],
  [
    'A timer runs out while somebody',
    ['explore/agents/tasks.test.ts', 'timers run when nobody can go on'],
    ['explore/agents/tasks.test.ts', 'a timer runs out at any moment with timeouts: true'],
  ],
  [
    'A function or a promise that',
    ['explore/twins/kept-functions.test.ts', 'is refused where it is kept for later'],
    ['explore/twins/kept-functions.test.ts', 'is not seen deeper than in a field'],
  ],
  [
    'Seen are those among the arguments',
    ['explore/twins/kept-functions.test.ts', 'is not seen deeper than in a field'],
  ],
  [
    'What listens to an emitter',
    ['explore/limits.test.ts', 'a listener of the process may be handed to it, and is never called'],
  ],
  [
    'A thread that only listens for messages',
    ['explore/agents/ports.test.ts', 'a thread that awaits a message that nobody posts is stuck; one that listens'],
    ['explore/agents/ports.test.ts', 'the end of a channel is told behind its messages'],
  ],
  [
    'Getters in a message with a port',
    ['explore/limits.test.ts', 'a getter in a message with a port in its transfer list is asked twice'],
  ],
  ['The `close` of a port comes', ['explore/agents/ports.test.ts', 'the end of a channel is told behind its messages']],
  ['The world outside answers', ['explore/constructs/outside.test.ts', '%s: %s']],
  ['Not seen is such a function', ['explore/constructs/outside.test.ts', 'not seen is one that was bound']],
  ['A promise of anything else', ['explore/agents/tasks.test.ts', 'a promise that is awaited']],
  [
    'Workers that a thread starts',
    ['explore/agents/workers.test.ts', 'starts a worker of a file, with data of its own and shared memory'],
    ['explore/agents/workers.test.ts', 'refuses a worker where nobody loads its file'],
  ],
  [
    '`terminate()` may come between',
    ['explore/agents/whole-programs.test.ts', 'ends a worker between any two of its steps, and before the first'],
  ],
  ["The worker's file is JavaScript", ['explore/agents/workers.test.ts', 'gives each worker modules of its own']],
  [
    'Refused by name is that of a worker',
    ['explore/agents/workers.test.ts', 'refuses %s by name'],
    ['explore/agents/whole-programs.test.ts', 'refuses %s by name'],
  ],
  ['`resourceLimits` are left out', ['explore/agents/workers.test.ts', 'leaves limits of memory out']],
  [
    'A file that several programs',
    ['explore/agents/workers.test.ts', 'takes a file from the program that was loaded last'],
  ],
  ['A whole program (`--program`', ['explore/agents/whole-programs.test.ts', 'refuses %s by name']],
  [
    'Where nothing keeps an agent',
    ['explore/agents/whole-programs.test.ts', 'may end before it hears of what does not keep it: %s'],
  ],
  [
    'A worker that waits for a message when',
    ['explore/agents/whole-programs.test.ts', 'is stuck where Node would hang, and at rest where'],
  ],
  [
    'What is printed is no step',
    ['explore/agents/whole-programs.test.ts', 'explores a program of one file that starts itself'],
  ],
  ['A promise and an object that holds', ['explore/agents/whole-programs.test.ts', 'refuses %s by name']],
  [
    'It is explored without a memory model',
    ['explore/agents/whole-programs.test.ts', 'takes no option that it has no use for'],
  ],
  ["Under `globals: 'browser'` refused", ['explore/agents/browser-programs.test.ts', '%s']],
  ['`messageerror` is told to nobody', ['explore/agents/browser-programs.test.ts', 'tells nobody of messageerror']],
  [
    'An `ErrorEvent` does not say',
    ['explore/agents/browser-programs.test.ts', 'does not say where an error was thrown'],
  ],
  [
    'A worker may begin at any moment',
    ['explore/agents/browser-programs.test.ts', 'begins a worker while the task goes on that made it'],
  ],
  ['`Promise.withResolvers` is added', ['explore/agents/browser-programs.test.ts', 'has Promise.withResolvers']],
  [
    'A scenario of `threads` does not take it',
    ['explore/agents/whole-programs.test.ts', 'takes no option that it has no use for'],
  ],
  [
    'A text that is evaluated',
    ['explore/agents/function-texts.test.ts', 'evaluates the text of a function in a worker'],
  ],
  [
    'One that holds what was made of another',
    ['explore/agents/function-texts.test.ts', 'refuses a text that is not kept where it is evaluated'],
  ],
  ['WebAssembly is not explored', ['explore/constructs/agents.test.ts', 'refused by name and place']],
  ['Not seen is one that gets', ['explore/limits.test.ts', 'is a worker that gets a clone of the buffer']],
  [
    'Traps of a proxy that `for (k in proxy)`',
    ['explore/transform/refusals.test.ts', 'a trap of a proxy that for-in asks'],
    ['explore/transform/refusals.test.ts', 'a trap of a proxy that is given several members at once'],
    ['explore/transform/refusals.test.ts', 'a call of a proxy with an apply trap around a frozen function'],
  ],
  [
    'Code that is not followed, as of',
    ['explore/limits.test.ts', 'code that is not followed may not sleep for real'],
    ['cli/explore-statuses.test.ts', 'is one in which code that is not followed sleeps for real'],
  ],
  [
    'One that has the `Atomics` of another',
    ['cli/explore-statuses.test.ts', 'is one in which code that is not followed sleeps for real'],
  ],
  ['A native that works for very long', ['cli/explore-statuses.test.ts', 'a native that nothing interrupts: ']],
  ['`forEach` on a sparse array', ['cli/explore-statuses.test.ts', 'a native that nothing interrupts: ']],
  [
    'The command gives it up after `--patience`',
    ['cli/explore-statuses.test.ts', 'a native that nothing interrupts: '],
  ],
  ['In a test runner, the plugin', ['cli/watchdog.test.ts', '%s is told and ended in a test runner: %s']],
  [
    'Time passes only when nobody',
    ['explore/engine/wait-timeouts.test.ts', 'does not pass while somebody can go on'],
    ['explore/engine/wait-timeouts.test.ts', 'goes on by the sleeps that have run out'],
    ['explore/limits.test.ts', 'a loop that waits for a clock without a sleep is refused'],
  ],
  [
    'A timeout of an `Atomics.wait` that',
    ['explore/engine/wait-timeouts.test.ts', 'does not pass while somebody can go on'],
    ['explore/engine/wait-timeouts.test.ts', 'ends by itself if timeouts are on'],
  ],
  [
    'Clocks go on with it',
    ['explore/engine/wait-timeouts.test.ts', 'goes on by the sleeps that have run out'],
    ['explore/limits.test.ts', 'a loop that waits for a clock without a sleep is refused'],
  ],
  [
    "With `timeouts: true` each thread's",
    ['explore/engine/timed-programs.test.ts', 'whose sleeps end at any moment come to what'],
  ],
  [
    'That an exact search misses',
    ['explore/search/random-programs.test.ts', 'random programs with loads, stores, CAS'],
  ],
  [
    'It is held against brute force',
    ['explore/search/random-programs.test.ts', 'random programs with loads, stores, CAS'],
  ],
  [
    'Several machines share an exact',
    ['cli/explore-queue.test.ts', 'does not take what a search in a queue has no use for'],
    ['cli/explore-queue.test.ts', 'counts the same when workers are killed, connections cut'],
    ['cli/explore-queue.test.ts', 'draws a sample in blocks, each that of its seed on one core'],
    ['props/hunt/queue.test.ts', 'has each program hunted and counted once, whoever is killed'],
  ],
  ['A server that dies may lose', ['cli/explore-queue.test.ts', 'counts the same when workers are killed']],
  [
    'On several workers (`--jobs`)',
    ['cli/explore-jobs.test.ts', 'refuses in a sentence what is another one on each worker'],
    ['explore/limits.test.ts', 'tells a thousand outcomes apart, and the others together'],
  ],
  [
    'Of more than 1 000 outcomes',
    ['explore/limits.test.ts', 'tells a thousand outcomes apart, and the others together'],
  ],
  ['An exact search refuses', ['explore/limits.test.ts', 'is refused by an exact search, and taken by a sample']],
  ['Sampling takes it', ['explore/limits.test.ts', 'is refused by an exact search, and taken by a sample']],
  ['A report on coverage', ['cli/test-coverage.test.ts', 'does what is counted']],
  // What loops that wait leave open
  [
    'A turn that stores what',
    ['explore/engine/turns.test.ts', 'is none either where a loop can only be run as it stands'],
    ['explore/engine/turns.test.ts', 'is one if nobody is left out, or none comes to an end'],
  ],
  [
    'If that goes on while another',
    ['explore/engine/turns.test.ts', 'is none either where a loop can only be run as it stands'],
    ['explore/engine/turns.test.ts', 'is given up where the lock wakes sleepers'],
  ],
  ['One that has no end because', ['explore/engine/turns.test.ts', 'is no livelock if it leaves a thread out']],
  [
    'A thread that looks for something under a lock',
    ['explore/engine/turns.test.ts', 'waits as under a tagged one: %s'],
    ['explore/engine/turns.test.ts', 'is none where one polls under a lock that others try to take'],
  ],
  ['Where the lock wakes sleepers', ['explore/engine/turns.test.ts', 'is given up where the lock wakes sleepers']],
  [
    'If those who wait store to the',
    ['explore/engine/turns.test.ts', 'is a livelock where who waits stores in each try'],
  ],
  ['A loop with a counter', ['explore/engine/turns.test.ts', 'that tells %s is run as it stands']],
  [
    'If that is too much, the search',
    ['explore/engine/turns.test.ts', 'is clean: between two to the last trace, between three as far as'],
  ],
  [
    'A thread that changes something in each',
    ['explore/engine/turns.test.ts', 'is no livelock if it leaves a thread out'],
  ],
  ['The search is then not exhaustive', ['explore/engine/turns.test.ts', 'is no livelock if it leaves a thread out']],
  ['What `after` stores', ['explore/limits.test.ts', 'what after stores into a buffer of %i bytes']],
  [
    '`threeLockers` with',
    ['explore/engine/turns.test.ts', 'loses the sleeper of D52 with all its turns, too'],
    ['explore/engine/turns.test.ts', 'is clean: between two to the last trace'],
  ],
  ['What a thread loses by it', ['explore/engine/turns.test.ts', 'loses the sleeper of D52 with all its turns, too']],
  // What the sanitizer and the watchdog see
  [
    'With `sanitize: true`',
    ['shared/sanitizer.test.ts', 'reports a write after free at the latest when'],
    ['shared/sanitizer.test.ts', 'sees nothing of a stale pointer whose memory'],
    ['shared/sanitizer.test.ts', 'checks nothing and finds nothing'],
    ['explore/detectors/detectors.test.ts', 'takes what leaps into a living object for an access'],
  ],
  ['Without it nothing is checked', ['shared/sanitizer.test.ts', 'checks nothing and finds nothing']],
  [
    'In the explorer the shadow is exact',
    ['explore/detectors/detectors.test.ts', 'takes what leaps into a living object for an access'],
  ],
  [
    'What lies before the heap',
    ['explore/detectors/detectors.test.ts', 'takes what leaps into a living object for an access'],
  ],
  [
    'The watchdog reports',
    ['workers/watchdog.test.ts', 'tells a deadlock: which lock'],
    ['workers/watchdog.test.ts', 'tells a program that never ends'],
  ],
  [
    'RCU is based on',
    ['workers/watchdog.test.ts', 'tells a program that never ends'],
    ['sync/synchronize-rcu.test.ts', 'throws in a read section, under a lock, in a callback and on a CPU'],
  ],
  ['A CPU that runs on without one', ['workers/watchdog.test.ts', 'tells a program that never ends']],
  // What compiled BPF programs are held to
  ['Verified is what Linux', ['conformance/bytecode.test.ts', 'are accepted by us only where the kernel accepts them']],
  ['Packets, kernel functions, other maps', ['bpf/verifier/refusals.test.ts', 'refuses helpers by type and license']],
  [
    'A scenario has one packet',
    ['explore/bpf-syscalls.test.ts', 'are the same in every execution, and the verdict says'],
  ],
  [
    'What programs ask of time',
    ['explore/bpf-syscalls.test.ts', 'are the same in every execution, and the verdict says'],
  ],
  ['Batches of elements', ['explore/bpf-syscalls.test.ts', 'a scenario that makes no sense is refused']],
  [
    '`free` is the close of a map',
    ['explore/bpf-syscalls.test.ts', 'is there for who runs before the programs are detached'],
  ],
  ['Sockets have no peer', ['workers/socket-programs.test.ts', 'hears of a connection in the order of Linux']],
  [
    '`connect` of a socket that',
    ['explore/bpf-syscalls.test.ts', 'connect a socket once'],
    ['workers/socket-programs.test.ts', 'hears of a connection in the order of Linux'],
  ],
  ['A call on workers', ['workers/socket-programs.test.ts', 'is called to its end by a call on workers that began']],
  ['Lost updates are told', ['explore/bpf-scenarios.test.ts', 'a syscall that stores over a count takes it away']],
  [
    'A syscall that stores a value',
    ['explore/bpf-scenarios.test.ts', 'a syscall that stores over a count takes it away'],
  ],
  // What conformance covers, sizes and numbers, speed
  [
    'One command after the other',
    ['conformance/kernel.test.ts', 'give NULL to one of two CPUs that make the first storage'],
    ['conformance/bytecode.test.ts', 'are refused by us wherever the kernel refuses them'],
    ['conformance/effects.test.ts', 'random programs return and leave what the definiti'],
  ],
  [
    'Of races one is met there',
    ['conformance/kernel.test.ts', 'give NULL to one of two CPUs that make the first storage'],
  ],
  [
    'What the verifier refuses is compared',
    ['conformance/bytecode.test.ts', 'are refused by us wherever the kernel refuses them'],
  ],
  ['Agreement has been seen on Linux', ['conformance/kernel.test.ts', 'agree on sequences of all kinds']],
  [
    'Pointers are word indexes',
    ['shared/memory.test.ts', 'is 8 GiB at most, so that each word has a number'],
    ['shared/object-id.test.ts', 'behind the last id comes the first that no map has'],
    ['sync/grace-period.test.ts', 'wraps and is never 0, from %i'],
    ['shared/sk-storage-elem.test.ts', 'is that of the kernel on x86-64'],
    ['explore/bpf-scenarios.test.ts', 'tear numbers of eight bytes only where they are told to'],
  ],
  ['Ids of maps and BTF objects', ['shared/object-id.test.ts', 'behind the last id comes the first that no map has']],
  ['Grace-period numbers wrap', ['sync/grace-period.test.ts', 'wraps and is never 0, from %i']],
  [
    'A `bpf_spin_lock` is a word',
    ['explore/bpf-scenarios.test.ts', 'tear numbers of eight bytes only where they are told to'],
  ],
  ['Sizes that users can observe', ['shared/sk-storage-elem.test.ts', 'is that of the kernel on x86-64']],
]

/** The sentences of a page, each on one line. */
const sentencesOf = (page: string): string[] =>
  page
    .replace(/^#.*\n/gm, '\n')
    .split(/\n\n+|\n(?=- |\d+\. )/)
    .map((item) =>
      item
        .replace(/^(- |\d+\. )/, '')
        .replace(/\s+/g, ' ')
        .trim(),
    )
    .flatMap((item) => item.split(/(?<=[.:;]) (?=[A-Z`*(])/))
    .filter((sentence) => sentence !== '')

const sentences = sentencesOf(readFileSync(join(root, 'docs/limits.md'), 'utf8'))
const named = [...UNSHOWN, ...SHOWN].map(([sentence]) => sentence)

it('each sentence of docs/limits.md is in the table, once, and nothing else is', () => {
  expect(sentences.length).toBeGreaterThan(120)
  const begun = (name: string) => sentences.filter((sentence) => sentence.startsWith(name))
  expect(sentences.filter((sentence) => named.filter((name) => sentence.startsWith(name)).length !== 1)).toEqual([])
  expect(named.filter((name) => begun(name).length !== 1)).toEqual([])
})

it.each(SHOWN.map(([sentence, ...shown]) => ({ sentence, shown })))(
  'what shows it is there: $sentence',
  ({ shown }) => {
    expect(shown.length).toBeGreaterThan(0)
    const begins = ([file, title]: readonly string[]) => {
      const text = readFileSync(join(root, 'test', file), 'utf8')
      return ["'", '"', '`'].some((quote) => text.includes(quote + title))
    }
    expect(shown.filter((test) => !begins(test))).toEqual([])
  },
)
