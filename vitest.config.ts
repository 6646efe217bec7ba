import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import type { Plugin } from 'vitest/config'
import { defineConfig } from 'vitest/config'
import { explorePlugin } from './src/explore/load/vite.ts'

// What is instrumented for the tests that explore it, as a user would. All other tests run the sources as they are.
// Of the hunt only what its threads run: each thread of each execution evaluates anew what these make at their tops,
// and generators of programs take long.
const explored = [
  ...['src/sync/', 'src/shared/', 'props/scenarios/', 'web/scenarios/', 'test/explore/instrumented/'],
  ...['props/scenario-blocks.ts', 'props/hunt/ground.ts', 'props/hunt/in-program.ts', 'props/hunt/scenario.ts'],
  ...['props/hunt/steps.ts', 'props/hunt/steps-beside.ts'],
]
const folders = explored.map((path) => fileURLToPath(new URL(path, import.meta.url)))

// Tests of real threads run by themselves, two files at a time: they want the cores.
const threads = [
  'test/workers/**/*.test.ts',
  'test/props/hunt/hunt.test.ts',
  'test/props/threads/scenario-threads.test.ts',
]
// Tests that run a command which works for so many seconds mostly wait for it.
const commands = [
  'test/cli/**/*.test.ts',
  'test/examples.test.ts',
  'test/props/hunt/command.test.ts',
  'test/props/hunt/queue.test.ts',
  'test/docs/bpf-lost-update.test.ts',
  'test/docs/design.test.ts',
  'test/docs/hunting.test.ts',
  'test/docs/readme.test.ts',
  'test/docs/race-tests-in-ci.test.ts',
]
// Explored in a process of their own each. Under Vite all modules of a process count as those of one program, so behind
// other files a thread may be refused by what those made at their tops (docs/limits.md).
const apart = [
  'test/explore/bpf-syscalls.test.ts',
  'test/explore/hunt-programs.test.ts',
  'test/explore/instrumented/one-load.test.ts',
  'test/explore/memory/our-uses.test.ts',
]
// More files at a time than there are cores: those of the page wait for the browser, and those of commands for seconds
// to pass. By default cores would be left idle.
const cores = availableParallelism()
const BESIDE = 2 * cores
const WAITING = 3 * cores

// What a test may take is counted in work. This is a guard against hangs, far above what any takes beside other
// programs.
const PATIENT = { testTimeout: 600_000, hookTimeout: 600_000 }

/**
 * Which projects run together. Not `sequence.groupOrder`, whose place `--sequence.shuffle` on the command line would
 * take.
 */
function inGroup(order: number): Plugin {
  return {
    name: 'in-group',
    configureVitest({ project }) {
      project.config.sequence.groupOrder = order
    },
  }
}

/** No watchdog: a thread of Node 20 can't load the sources. */
const instrumenting = (): Plugin =>
  explorePlugin({ folders, packages: ['sharedmap', 'ringbuf.js'], patience: Number.POSITIVE_INFINITY })

/** What loadInstrumented has written is ready to run, and much: not for Vite to transform once more. */
const READY = { deps: { external: [/\/explore-[^/]+\/\d+-[^/]+$/] } }

export default defineConfig({
  test: {
    projects: [
      {
        plugins: [inGroup(0)],
        test: {
          name: 'browser',
          include: ['test/web/**/*.test.ts'],
          ...PATIENT,
          maxWorkers: BESIDE,
        },
      },
      {
        plugins: [inGroup(0)],
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/explore/**', 'test/web/**', ...threads, ...commands],
          isolate: false,
          ...PATIENT,
          maxWorkers: BESIDE,
        },
      },
      {
        plugins: [inGroup(0), instrumenting()],
        test: {
          name: 'explore',
          include: ['test/explore/**/*.test.ts'],
          exclude: [...apart, '**/node_modules/**'],
          server: READY,
          // One thread and nothing left behind: files can share what was instrumented.
          isolate: false,
          ...PATIENT,
          maxWorkers: BESIDE,
        },
      },
      {
        plugins: [inGroup(0), instrumenting()],
        test: {
          name: 'apart',
          include: apart,
          server: READY,
          ...PATIENT,
          maxWorkers: BESIDE,
        },
      },
      {
        plugins: [inGroup(1)],
        test: {
          name: 'commands',
          include: commands,
          // What they import is the same, and none of them leaves anything behind in its process.
          isolate: false,
          ...PATIENT,
          maxWorkers: WAITING,
        },
      },
      {
        plugins: [inGroup(2)],
        test: {
          name: 'threads',
          include: threads,
          ...PATIENT,
          maxWorkers: 2,
        },
      },
    ],
  },
})
