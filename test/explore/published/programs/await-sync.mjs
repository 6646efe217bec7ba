/**
 * For a page: a worker of its own, since a page can't wait, has another one do async work and waits for it. The call
 * comes in a later task than the start of that worker, which Chromium begins behind the task that started it.
 */
const job = new Worker(new URL('./await-sync-job.mjs', import.meta.url), { type: 'module' })
job.onmessage = ({ data }) => (data === 'ready' ? job.postMessage('go') : console.log(data))
