/**
 * The twin of a function with an `@explore` tag: one operation of the tagged kind.
 *
 * The body is skipped, because the engine stands in for it; `body=run` lets it run unseen. Allocators are the
 * exception: their bodies run and are seen, between two marks that allow them to touch memory nobody owns. An
 * exploration that is raw runs, and sees, the bodies of all but loads and pauses.
 */

import * as kinds from '../runtime/kinds.ts'
import { type Node, parametersOf } from './estree.ts'
import { join, type Rope } from './rope.ts'
import { did, named, type Scope, site } from './scope.ts'
import { implementations, type Tag, tagKinds } from './tags.ts'

/**
 * Prints `(a, b) { ... }`, the parameters and body of the twin. `own` prints what is called for the author's own body.
 */
export function printPrimitive(fn: Node, tag: Tag, scope: Scope, own: () => Rope): Rope {
  const { unit } = scope
  const e = named(unit, 'e')
  const n = named(unit, 'n')
  const name = fn.id?.name ?? fn.givenName ?? tag.kind
  // Names that no parameter of the author's has.
  const [at, view, index, value] = ['at', 'view', 'index', 'value'].map((each) => named(unit, each))
  const here: Node = { ...fn, end: fn.body.start }
  const ask = (kind: number, ...rest: (string | undefined)[]): string => {
    const told = rest.map((each) => (each === undefined ? 'undefined' : `(${unhidden(scope, each)})`))
    return `${e}.op(${[kind, at, ...told].join(', ')}) || (yield);`
  }
  const told = (expression: string | undefined): string => unhidden(scope, expression!)
  const parameters = join(
    parametersOf(fn).map((each) => unit.print(each, { ...scope, temps: null })),
    ', ',
  )
  const implementation: Rope = implementations.has(tag.kind)
    ? [`if (${e}.raw) return yield* `, own(), '.apply(this, arguments); ']
    : ''
  const head: Rope = ['(', parameters, `) { const ${at} = ${n}.takeSite(${site(unit, here, name)}); `, implementation]
  const body = (): Rope => ['const result = yield* ', own(), '.apply(this, arguments); ']
  const kind = tagKinds[tag.kind]
  const { options } = tag

  switch (tag.kind) {
    case 'deref':
    case 'hint':
      return [
        head,
        `const ${view} = (${told(tag.view)}), ${index} = (${told(tag.index)}); `,
        `${ask(kind, view, index)} return ${did(scope, `${view}[${index}]`)}; }`,
      ]
    case 'write-once':
      return [
        head,
        `const ${view} = (${told(tag.view)}), ${index} = (${told(tag.index)}), ${value} = (${told(options.value)}); `,
        `${ask(kind, view, index, value)} ${did(scope, `${view}[${index}] = ${value}`)}; }`,
      ]
    case 'alloc': {
      const born = `if (result) { ${ask(kind, tag.view, tag.index, options.size, options.kind)} }`
      return [head, ask(kinds.ALLOC_BEGIN), ' ', body(), `${born} else { ${ask(kinds.FREE_END)} } return result; }`]
    }
    case 'free':
      // Asked for where the body only keeps accounts that belong to the CPU, since a callback runs as a thread of its
      // own. Outside of a thread it runs all the same: set-up code means what it says.
      if (options.body === 'skip') {
        const inThread = `if (${e}.running) { ${ask(kinds.FREE_END)} return; } `
        return [
          head,
          `${ask(kind, tag.view, tag.index)} ${inThread}`,
          body(),
          `${ask(kinds.FREE_END)} return result; }`,
        ]
      }
      return [head, ask(kind, tag.view, tag.index), ' ', body(), `${ask(kinds.FREE_END)} return result; }`]
    case 'arena':
      return [head, body(), `${ask(kind, tag.view, tag.index, options.to)} return result; }`]
    case 'callback': {
      const { callee, self, arguments: list } = tag.call!
      const given = `[${list}]`
      const starter = tag.call
        ? self === undefined
          ? `${n}.starter(${callee}, undefined, ${given})`
          : `${n}.starter(${callee}, ${self}, ${given})`
        : ''
      return [head, `${ask(kind, starter)} ${finish(tag, fn, scope)} }`]
    }
    case 'await':
      return [head, `${ask(kind, tag.view, tag.index, options.until)} ${finish(tag, fn, scope)} }`]
    default:
      return [head, `${ask(kind, tag.view, tag.index, options.class)} ${finish(tag, fn, scope)} }`]
  }
}

/** An expression of a tag, which may read elements: by the author's word, as what a body that runs unseen does. */
function unhidden(scope: Scope, expression: string): string {
  return expression.includes('[') ? `${named(scope.unit, 'e')}.unhidden(() => (${expression}))` : expression
}

/** What the call gives: the option `returns`, what the body returns if it runs, or the engine's answer. */
function finish(tag: Tag, fn: Node, scope: Scope): string {
  const { unit } = scope
  const e = named(unit, 'e')
  if (tag.body === 'run') {
    if (!fn.id) throw new SyntaxError(`@explore ${tag.kind}: body=run needs a function with a name`)
    const run = `${named(unit, 'n')}.unseen(${fn.id.name}, this, arguments)`
    return tag.options.returns ? `${run}; return ${unhidden(scope, tag.options.returns)};` : `return ${run};`
  }
  if (tag.options.returns) return `return ${unhidden(scope, tag.options.returns)};`
  return tag.kind === 'trylock' || tag.kind === 'await' ? `return ${e}.result;` : ''
}
