import { createSyncFn } from 'synckit'

console.log(createSyncFn(new URL('./synckit-worker.mjs', import.meta.url).href)(20))
