/**
 * Loops in twins: at each head the engine is asked whether the thread goes on at once (heads.ts says what it is told).
 */

import type { Node } from './estree.ts'
import type { Rope } from './rope.ts'
import { freshName, named, type Scope, site } from './scope.ts'

/**
 * `while`, `do` and `for` in a twin, with the labels that stand before it; undefined if nobody can see what it does.
 */
export function printLoop(node: Node, labels: string, scope: Scope): Rope | undefined {
  const { unit } = scope
  if (unit.leaves.isQuiet(node) || scope.making) return undefined
  const head = unit.heads.get(node.start)
  if (head === undefined) return undefined
  const e = named(unit, 'e')
  const loop = freshName(unit)
  const told = [loop, head.left ?? 'undefined', ...head.values].join(', ')
  const ask = `${e}.turn(${told}) || (yield)`
  const open = `{ const ${loop} = ${e}.loop(${site(unit, node, 'loop')}); ${labels}`
  const body = unit.print(node.body, scope)
  if (node.type === 'DoWhileStatement')
    return [open, `do { ${ask}; `, body, ' } while (', unit.print(node.test, scope), '); }']
  const test: Rope = node.test ? ['(', unit.print(node.test, scope), ')'] : 'true'
  if (node.type === 'WhileStatement') return [open, `while (${ask}, `, test, ') ', body, ' }']
  const init: Rope = node.init ? unit.print({ ...node.init, inHead: true } as Node, scope) : ''
  const update: Rope = node.update ? unit.print(node.update, scope) : ''
  return [open, 'for (', init, `; ${ask}, `, test, '; ', update, ') ', body, ' }']
}

/**
 * `while`, `do` and `for` where nobody looks what a turn does: in plain forms, and in twins whose loop touches nothing
 * visible. Its turns are counted, since one that never ends would keep the explorer from ever saying so.
 */
export function printCountedLoop(node: Node, scope: Scope): Rope {
  const { unit } = scope
  const count = countOf(node, scope)
  const test: Rope = node.test ? [`(${count}, (`, unit.print(node.test, scope), '))'] : `(${count}, true)`
  const body = unit.print(node.body, scope)
  if (node.type === 'DoWhileStatement') return ['do ', body, ' while ', test, ';']
  if (node.type === 'WhileStatement') return ['while ', test, ' ', body]
  const init: Rope = node.init ? unit.print({ ...node.init, inHead: true } as Node, scope) : ''
  const update: Rope = node.update ? unit.print(node.update, scope) : ''
  return ['for (', init, '; ', test, '; ', update, ') ', body]
}

/** An expression that counts a turn of a loop, or a call. */
export function countOf(node: Node, { unit, mode }: Scope, what: 'loop' | 'calls' = 'loop'): string {
  const e = named(unit, 'e')
  // A call of a generator takes as long as some turns of a loop that touches nothing.
  const counted = what === 'calls' && mode === 'twin' ? `(${e}.spare -= 4)` : `--${e}.spare`
  return `${counted} < 0 && ${e}.endless(${site(unit, node, what)})`
}

/** The body of a for-of whose turns are counted: what it iterates over may have no end. */
export function countedBody(node: Node, scope: Scope): Node {
  const { start, end } = node.body
  const rope = [`{ ${countOf(node, scope)}; `, scope.unit.print(node.body, scope), ' }']
  return { type: 'Generated', start, end, rope }
}
