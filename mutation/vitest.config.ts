import { defineConfig } from 'vitest/config'

// The tests that Stryker runs against every mutant: fast, on the sources as they are. None that needs dist or starts
// threads, since those would not see the mutant, and nothing that quotes the source. TESTS, patterns with commas
// between, takes others: for a first look those of one file or room.
const include = process.env.TESTS?.split(',') ?? ['test/sync/**/*.test.ts', 'test/shared/**/*.test.ts']

// One that mutate:sites has planted: its text in the place of the file's (units.ts).
const { MUTANT } = process.env
const planted = MUTANT === undefined ? undefined : (JSON.parse(MUTANT) as { file: string; text: string })
const mutant = {
  name: 'mutant',
  enforce: 'pre' as const,
  load: (id: string) => (id === planted?.file ? planted.text : null),
}

export default defineConfig({
  plugins: [mutant],
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
