/**
 * What the pool loads on each thread: CommonJS, and it only imports the worker.
 *
 * The pool requires its file. Node 20 aborts the whole process when a thread is terminated while it requires a module
 * graph of ECMAScript (v8::Module::IsGraphAsync); importing one it survives.
 */

const worker = import('./worker.ts')
// Whoever runs a task hears of it.
worker.catch(() => {})

module.exports = async (task: import('./task.ts').Task) => (await worker).default(task)
