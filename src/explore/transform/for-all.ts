/**
 * What stands at the top of a module and is one for all threads, whoever changes it: what CommonJS exports, and what
 * packages gave that nobody instruments.
 */

import { shapeOf } from './constants.ts'
import { bare, childrenOf, type Node } from './estree.ts'
import { type Reading, shapeAt } from './own-values.ts'

/**
 * What a CommonJS file exports, and what that is made of, is one for all threads: who got it from there must not change
 * another one than the functions of the file do. A primitive that was exported is what it was.
 */
export function giveAway(reading: Reading, node: Node): void {
  for (const [name, variable] of reading.top) {
    const declared = reading.declared.get(name)
    if (declared === undefined || declared.kind === 'import' || reading.given.has(name)) continue
    const within = variable.mentions.filter(
      ({ fn, node: at, inside }) =>
        fn === undefined && node.start <= at.start && at.end <= node.end && inside.at(-1) !== declared.node,
    )
    if (within.length === 0) continue
    const { init } = declared.node
    const look = (other: string) => (reading.top.has(other) ? shapeAt(reading, other) : undefined)
    if (declared.kind === 'variable' && (!init || shapeOf(init, look).kind === 'fixed')) continue
    reading.given.add(name)
    if (declared.kind === 'variable') giveAway(reading, init)
  }
}

/** Whether there is one for all threads. */
export const isForAll = (reading: Reading, name: string): boolean =>
  reading.given.has(name) || isOfOthers(reading, name)

/** Whether it is what `await import('package')` gave of a package that nobody instruments, as if it were an import. */
function isOfOthers({ declared, around }: Reading, name: string): boolean {
  const { kind, node } = declared.get(name)!
  if (kind !== 'variable' || node.init?.type !== 'AwaitExpression') return false
  let asked = bare(node.init.argument)
  // With what is to be done if it is not there.
  while (asked.type === 'CallExpression' && bare(asked.callee).type === 'MemberExpression')
    asked = bare(bare(asked.callee).object)
  const { value } = asked.type === 'ImportExpression' ? asked.source : { value: undefined }
  return typeof value === 'string' && !/^[./]/.test(value) && around.foreign?.(value, '*') === undefined
}

/** Whether a statement changes what a CommonJS file exports: of that there is one for all threads. */
export function exportsAnew({ top }: Pick<Reading, 'top'>, node: Node): boolean {
  if (node.type === 'Identifier') return /^(exports|module)$/.test(node.name) && !top.has(node.name)
  return childrenOf(node).some((each) => exportsAnew({ top }, each))
}
