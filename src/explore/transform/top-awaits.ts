/**
 * Statements at the top of a module that await: whether a thread that evaluates them anew can wait for what they ask.
 */

import { childrenOf, isFunction, type Node, walk } from './estree.ts'
import type { Reading } from './own-values.ts'

/** What comes from outside, where nobody answers a thread. */
const OUTSIDE = /^(fetch|require|WebAssembly|WebSocket)$/
/** Modules of Node's whose promises are the thread's own. */
const FOLLOWED = /^(node:)?(timers|timers\/promises|events|worker_threads)$/

/** Whether evaluating this waits for something. */
export function awaits(node: Node): boolean {
  let found = false
  walk(node, (each) => {
    if (isFunction(each)) return false
    if (each.type === 'AwaitExpression' || (each.type === 'ForOfStatement' && each.await)) found = true
    return !found
  })
  return found
}

/** Whether a statement awaits what a thread can wait for. */
export const isAwaited = (reading: Reading, statement: Node): boolean =>
  awaits(statement) && !asksOutside(reading, statement, new Set())

/** Whether it names what nobody instruments, by itself or in a function of the module that it names. */
function asksOutside(reading: Reading, node: Node, seen: Set<string>): boolean {
  if (node.type === 'ImportExpression') return true
  if (node.type !== 'Identifier') return childrenOf(node).some((each) => asksOutside(reading, each, seen))
  const { name } = node
  const declared = reading.declared.get(name)
  if (declared === undefined) return OUTSIDE.test(name)
  if (declared.kind === 'import') {
    const source: string = declared.statement.source.value
    return !FOLLOWED.test(source) && reading.around.foreign?.(source, '*') === undefined
  }
  if (seen.has(name)) return false
  seen.add(name)
  return childrenOf(declared.node).some((each) => asksOutside(reading, each, seen))
}
