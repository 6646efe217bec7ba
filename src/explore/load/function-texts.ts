/**
 * What functions of agents' files give as their text: the author's, and not what was made of it, since it may be
 * evaluated by another agent.
 *
 * The made text has a comment behind its parameters that says which text it was made from. A function without one, as
 * a method, gives what was made; whoever evaluates such a text is refused.
 */

import { TWIN } from '../runtime/twin.ts'

const texts: string[] = []
const original = Function.prototype.toString

/** A comment for a function with that text. */
export const markOf = (text: string): string => `/*@${texts.push(text) - 1}@*/`

/** Behind simple parameters: what stands in those that are not may have a comment of its own. */
const MARK = /^(?:async\b\s*)?(?:function\b\s*\*?\s*[\w$]*\s*)?\([^(){}]*\)\/\*@(\d+)@\*\//

/**
 * `Function.prototype.toString`, which passes for the language's own. In its place from the start: no thread changes
 * it.
 */
const asked = function (this: unknown): string {
  const text = Reflect.apply(original, this === asked ? original : this, []) as string
  const [, number] = MARK.exec(text) ?? []
  return number === undefined ? text : texts[Number(number)]
}
;(asked as unknown as Record<symbol, unknown>)[TWIN] = null
Object.defineProperty(asked, 'name', { value: 'toString', configurable: true })
Object.defineProperty(Function.prototype, 'toString', { value: asked, writable: true, configurable: true })

/** Whether a text is, or holds, what was made of a function for an exploration. */
export const isMade = (text: string): boolean =>
  /\$_+n\.(?:drive|fn|leaf|link)|\$_+e\.(?:running|endless|op)\b/.test(text)
