import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { explorePlugin } from '../src/explore/load/vite.ts'

const folders = ['src/sync', 'src/shared', 'props'].map((folder) =>
  fileURLToPath(new URL(`../${folder}/`, import.meta.url)),
)

// The second pass of the mutation tests: what no test on one thread told apart, the explorer gets to see. Only
// scenarios with few traces.
export default defineConfig({
  plugins: [explorePlugin({ folders })],
  test: {
    include: ['test/explore/storage-scenarios.test.ts'],
    env: { SCENARIOS: 'quick' },
    testTimeout: 60_000,
    isolate: false,
    fileParallelism: false,
  },
})
