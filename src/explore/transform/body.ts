/**
 * Bodies of functions: their scope, and their block with what a form puts behind its directives.
 */

import type { Node } from './estree.ts'
import { asksForTarget } from './lexical.ts'
import { begins, type Rope } from './rope.ts'
import { declareTemps, named, printPlace, type Scope } from './scope.ts'

/** A body's own scope. */
export function bodyScope(outer: Scope, mode: Scope['mode'], where: string, arrow: boolean): Scope {
  const own = { self: 'this', args: 'arguments', target: 'new.target', parent: 'super' }
  return {
    unit: outer.unit,
    mode,
    where,
    temps: mode === 'plain' ? null : [],
    ...(arrow ? lexicalOf(outer) : own),
    generator: false,
    async: false,
  }
}

/** What an arrow function has from outside. */
function lexicalOf({ self, args, target, parent, frame }: Scope): Pick<Scope, 'self' | 'args' | 'target' | 'parent'> {
  return { self, args, target, parent, ...(frame !== undefined && { frame }) }
}

/** A function body as a block, with something put behind its directives. */
export function printBody(fn: Node, scope: Scope, first: Rope = ''): Rope {
  if (fn.body.type === 'BlockStatement') return printBlock(fn.body, scope, first)
  const value = scope.unit.print(fn.body, scope)
  return [`{${declareTemps(scope)}`, first, ' return (', value, '); }']
}

/** The expression that is an arrow function's body; a block if something comes before it. */
export function printExpressionBody(fn: Node, scope: Scope, before = ''): Rope {
  const value = scope.unit.print(fn.body, scope)
  const temps = declareTemps(scope)
  if (temps === '' && before === '') return ['(', value, ')']
  return [begins(fn.body), `{${temps}${before}`, ' ', begins(fn.body), 'return (', value, '); }']
}

/** A block: directives, then for a function body its temporaries and first line, links, statements. */
export function printBlock(block: Node, scope: Scope, first?: Rope): Rope {
  const { unit } = scope
  const statements = block.body as Node[]
  const directives = statements.filter((each) => each.directive)
  const lastDirective = directives[directives.length - 1]
  const head = lastDirective ? lastDirective.end : block.start + 1
  const printed: Rope[] = []
  let at = head
  for (const statement of statements) {
    if (statement.directive) continue
    printed.push({ from: at, to: statement.start }, unit.print(statement, scope))
    at = statement.end
  }
  printed.push({ from: at, to: block.end })
  const semicolon = lastDirective && unit.code[head - 1] !== ';' ? ';' : ''
  const temps = first === undefined ? '' : declareTemps(scope)
  const links = linkDeclarations(statements, scope)
  const text: Rope = [{ from: block.start, to: head }, semicolon, temps, first ?? '', links, printed]
  return scope.mode === 'twin' ? { again: text } : text
}

/** Links functions declared in a block to their twins, before anything in the block runs. */
export function linkDeclarations(statements: readonly Node[], scope: Scope): string {
  const { unit } = scope
  let links = ''
  for (const statement of statements) {
    const fn = statement.type === 'FunctionDeclaration' ? statement : statement.declaration
    if (fn?.type !== 'FunctionDeclaration' || !fn.body || !fn.id) continue
    const [n, twin] = [named(unit, 'n'), `${fn.id.name}${named(unit, 'twin')}`]
    const linked = asksForTarget(fn) ? `${n}.asking(${twin})` : twin
    if (unit.leaves.functions.has(fn)) links += ` ${n}.leaf(${fn.id.name});`
    else links += ` ${n}.link(${linked}, ${fn.id.name}${printPlace(unit)});`
  }
  return links
}
