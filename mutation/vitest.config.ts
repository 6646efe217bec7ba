import { defineConfig } from 'vitest/config'

// The tests that Stryker runs against every mutant: fast, on the sources as they are. None that needs dist or starts
// threads, since those would not see the mutant, and nothing that quotes the source. TESTS, patterns with commas
// between, takes others: for a first look those of one file or room.
const include = process.env.TESTS?.split(',') ?? ['test/sync/**/*.test.ts', 'test/shared/**/*.test.ts']

export default defineConfig({
  test: {
    include,
    exclude: ['test/shared/limits-documented.test.ts'],
    env: { REAL_THREADS: 'no' },
    testTimeout: 30_000,
    // Modules are loaded once for all files: most of a mutant's time went into loading them.
    isolate: false,
    fileParallelism: false,
  },
})
