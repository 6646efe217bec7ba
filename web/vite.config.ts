import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'
import { MUSEUM } from '../lessons/exhibit-index.ts'
import { LESSONS } from '../lessons/lesson-list.ts'
import { exhibitIndex } from './plugin/exhibit-index.ts'
import { ground } from './plugin/ground.ts'
import { noPreload } from './plugin/no-preload.ts'
import { rules } from './plugin/rules.ts'
import { searchWorker } from './plugin/search-worker.ts'

const stepped = ground([
  ...LESSONS.flatMap(({ file, exhibits }) => (file === '' ? [] : ['', ...exhibits].map((id) => `${file}@${id}`))),
  ...MUSEUM.flatMap(({ file, id, mended }) => [`${file}@${mended}`, `${file}@${id}`]),
])

// The explorer's modules make tables when they are evaluated, and nothing else: who uses none of their exports can do
// without them. Its runtime and its twins put themselves where instrumented code finds them.
const treeshake = {
  moduleSideEffects: (id: string) => !/\/src\/explore\/(?!runtime\/|twins\/)/.test(id),
}

// Relative addresses, so that the built page works from any folder of any server.
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: './',
  plugins: [stepped, exhibitIndex(), rules(), searchWorker(), noPreload()],
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: fileURLToPath(new URL('../dist/web', import.meta.url)),
    emptyOutDir: true,
    // What is bundled is copied, and its licences ask to be copied with it.
    license: { fileName: 'THIRD-PARTY-LICENSES.md' },
    target: 'es2023',
    rolldownOptions: { treeshake },
    // What preloads needs a document, and the worker that searches has none.
    modulePreload: false,
    chunkSizeWarningLimit: 1000,
  },
})
