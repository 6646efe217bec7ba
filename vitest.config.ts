import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { explorePlugin } from './src/explore/load/vite.ts'

// What is instrumented for the tests that explore it, as a user would. All other tests run the sources as they are.
const explored = ['src/sync', 'src/shared', 'props', 'web/scenarios', 'test/explore/instrumented']
const folders = explored.map((folder) => fileURLToPath(new URL(`${folder}/`, import.meta.url)))

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
  'test/docs/design.test.ts',
  'test/docs/hunting.test.ts',
]
// One file more than there are cores, since those of the page mostly wait for the browser. By default one core would be
// left idle.
const cores = availableParallelism()

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'browser',
          include: ['test/web/**/*.test.ts'],
          testTimeout: 60_000,
          // A hook starts a browser.
          hookTimeout: 60_000,
          maxWorkers: cores + 1,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/explore/**', 'test/web/**', ...threads, ...commands],
          testTimeout: 30_000,
          maxWorkers: cores + 1,
          sequence: { groupOrder: 0 },
        },
      },
      {
        plugins: [explorePlugin({ folders, packages: ['sharedmap', 'ringbuf.js'] })],
        test: {
          name: 'explore',
          include: ['test/explore/**/*.test.ts'],
          // What loadInstrumented has written is ready to run, and much: not for Vite to transform once more.
          server: { deps: { external: [/\/explore-[^/]+\/\d+-[^/]+$/] } },
          // One thread and nothing left behind: files can share what was instrumented.
          isolate: false,
          testTimeout: 60_000,
          maxWorkers: cores + 1,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'commands',
          include: commands,
          testTimeout: 60_000,
          maxWorkers: 2 * cores,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'threads',
          include: threads,
          testTimeout: 60_000,
          maxWorkers: 2,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
})
