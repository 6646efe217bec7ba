import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { explore } from './src/explore/vite.ts'

// What is explored, and the tests that explore as a user would. Tests of the explorer itself stay as they are.
const explored = ['src/sync', 'src/shared', 'props', 'museum', 'test/explore/instrumented']
const folders = explored.map((folder) => fileURLToPath(new URL(`${folder}/`, import.meta.url)))

export default defineConfig({
  plugins: [explore({ folders, packages: ['sharedmap', 'ringbuf.js'] })],
  test: {
    testTimeout: 30_000,
    include: ['test/**/*.test.ts'],
  },
})
