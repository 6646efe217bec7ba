/**
 * Object literals. An accessor, and a method that uses `super`, has its twin beside it in the literal, where `super`
 * means what it means to the author; the two are linked when the object is there.
 */

import { RANGE_READ } from '../runtime/kinds.ts'
import { printName } from './asking.ts'
import { printPlainMethod } from './class.ts'
import { copy } from './copy.ts'
import type { Node } from './estree.ts'
import { driverOf, printTwin } from './function.ts'
import { mayBeAnyAccessor } from './names.ts'
import type { Rope } from './rope.ts'
import { ask, hold, named, type Scope, site, temporary } from './scope.ts'

/** Prints an object literal. */
export function printLiteral(node: Node, scope: Scope): Rope {
  const links: string[] = []
  const properties = (node.properties as Node[]).map((each) =>
    isLinked(each, scope) ? printed(each, scope, (link) => links.push(link)) : each,
  )
  const object = { ...node, properties } as Node
  const text = scope.mode === 'twin' ? printSpreads(object, scope) : copy(object, scope)
  return links.length === 0 ? text : [`${named(scope.unit, 'n')}.literal(`, text, `, [${links.join(', ')}])`]
}

function isLinked(property: Node, { unit }: Scope): boolean {
  if (property.type !== 'Property') return false
  if (property.kind !== 'init') return true
  const { start, end } = property.value as Node
  return property.method && /\bsuper\b/.test(unit.code.slice(start, end))
}

/** Such a member with its twin, as a node that is printed already. `link` gets what `literal` is told of it. */
function printed(property: Node, scope: Scope, link: (text: string) => void): Node {
  const { unit } = scope
  const fn = property.value as Node
  const text = unit.code.slice(property.key.start, property.key.end)
  const slot = `${named(unit, 'k')}[${unit.keys++}]`
  const kind = property.kind === 'init' ? 'method' : property.kind
  const what = kind === 'method' ? `the method ${text}` : `the ${kind}ter ${text}`
  let key: Rope = { from: property.key.start, to: property.key.end }
  let name = property.key.type === 'Identifier' ? JSON.stringify(text) : text
  if (property.computed) {
    name = scope.temps ? temporary(scope) : `${slot}.name`
    key = [`[${name} = `, printName(property.key, scope), ']']
  }
  const head = `${kind === 'method' ? '' : `${kind} `}${fn.async ? 'async ' : ''}${fn.generator ? '*' : ''}`
  const twin = printTwin({ ...fn, givenName: text, original: fn } as Node, scope, false)
  link(`[${slot}, ${name}, '${kind}']`)
  const n = named(unit, 'n')
  const reason =
    kind === 'method' ? '' : `, ${JSON.stringify(`${what} touches shared memory, and can't be interrupted there`)}`
  const drive = `${n}.${driverOf(fn)}(${n}.methodTwin(${slot}, this).apply(this, arguments)${reason})`
  const rope: Rope = [head, key, printPlainMethod(fn, scope, what, drive), `, *[${slot}.key]`, twin]
  return { type: 'Generated', start: property.start, end: property.end, rope }
}

/** In a twin what is spread may be shared. */
function printSpreads(node: Node, scope: Scope): Rope {
  const parts: Rope[] = []
  let at = node.start
  for (const property of node.properties as Node[]) {
    parts.push({ from: at, to: property.start })
    if (property.type === 'SpreadElement') {
      const value = hold(scope.unit.print(property.argument, scope), scope)
      const view = `${named(scope.unit, 'n')}.shared(${value.ref})`
      const read = ask(
        scope,
        RANGE_READ,
        site(scope.unit, property, 'spread', true),
        value.ref,
        '0',
        `${value.ref}.length`,
      )
      const copy = mayBeAnyAccessor(scope.unit.names)
        ? `${view} ? ${value.ref} : yield* ${named(scope.unit, 'n')}.copied(${value.ref})`
        : value.ref
      parts.push('...(', value.before, `${view} && (${read}), ${copy})`)
    } else parts.push(scope.unit.print(property, scope))
    at = property.end
  }
  parts.push({ from: at, to: node.end })
  return parts
}
