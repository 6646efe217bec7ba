/**
 * Which functions carry an `@explore` tag: those that begin right behind a comment with one.
 */

import { FaultInText } from './compiled.ts'
import { isFunction, type Node } from './estree.ts'
import { unboundName } from './tag-names.ts'
import { parseTag, type Tag } from './tags.ts'

/** The functions that carry an `@explore` tag. */
export function tagsOf(
  program: Node,
  code: string,
  comments: readonly { type: string; value: string; start: number; end: number }[],
  file: string,
  lineOf: (offset: number) => number,
  raw: boolean,
): ReadonlyMap<Node, Tag> {
  const tags = new Map<Node, Tag>()
  const documented = comments.filter((each) => each.type === 'Block' && each.value.includes('@explore'))
  for (const comment of documented) {
    const line = lineOf(comment.start)
    try {
      const tag = parseTag(comment.value, raw)
      const fn = functionAfter(program, code, comment.end)
      if (!fn) {
        if (tag) throw new SyntaxError(`@explore ${tag.kind}: no function follows`)
        continue
      }
      if (!tag) continue
      const name = unboundName(tag, fn, program)
      if (name !== undefined)
        throw new SyntaxError(`@explore ${tag.kind}: there is no ${name} where this function stands`)
      tags.set(fn, tag)
    } catch (error) {
      throw new FaultInText(`${file}:${line + 1}: ${(error as Error).message}`)
    }
  }
  return tags
}

/** The function that begins right behind an offset: a declaration or a method, exported or not. */
function functionAfter(program: Node, code: string, offset: number): Node | undefined {
  const start = offset + /^\s*/.exec(code.slice(offset))![0].length
  const find = (nodes: readonly Node[]): Node | undefined => {
    for (const node of nodes) {
      if (node.end <= start) continue
      if (node.start === start) {
        const inner = node.declaration ?? node
        if (isFunction(inner)) return inner
        if (inner.type === 'MethodDefinition') return inner.value
        if (inner.type === 'VariableDeclaration') {
          const init = inner.declarations[0]?.init
          return init && isFunction(init) ? init : undefined
        }
      }
      // A function that is assigned or returned as well: what an agent evaluates stands in such ones.
      const inside = node.declaration ?? node.argument ?? node.expression?.right ?? node
      const members = inside.body?.body ?? inside.body
      if (Array.isArray(members)) return find(members)
      return undefined
    }
    return undefined
  }
  return find(program.body)
}
