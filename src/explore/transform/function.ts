/**
 * Functions: the plain form, the twin, and the link between them.
 *
 * The plain form is the author's text with one line at its top: inside a thread it drives its twin, so that
 * whatever it would touch is refused with its place. A function created by a twin needs no plain text, only
 * that line; so nesting doubles nothing.
 */

import { bodyScope, printBlock, printBody, printExpressionBody } from './body.ts'
import { boundNames, type Node, parametersOf } from './estree.ts'
import { makesOwn } from './instance.ts'
import { asksForTarget, captured, lexicalUses, wrap } from './lexical.ts'
import {
  checkedParameters,
  forwarded,
  hasSimpleParameters,
  placeholders,
  printParameters,
  stripRest,
  takeParameters,
} from './parameters.ts'
import { needsLowering } from './pattern.ts'
import { printPrimitive } from './primitive.ts'
import { countCall } from './recursion.ts'
import { begins, type Rope } from './rope.ts'
import { declareTemps, named, printPlace, type Scope } from './scope.ts'
import type { Tag } from './tags.ts'

/** What a function is called in a refusal. */
function describe(fn: Node, scope: Scope): string {
  const name = fn.id?.name ?? fn.givenName
  const what = fn.async ? 'async function' : fn.generator ? 'generator' : 'function'
  return name ? `the ${what} ${name}` : `${fn.async ? 'an' : 'a'} ${what} in ${scope.where}`
}

/**
 * The twin's parameters and body, `(a, b) { ... }`. `outer` is where the function stands. `own` names the generator of
 * the author's body where a tag's twin has it stand beside itself: one made anew in each call is slow to call.
 */
export function printTwin(fn: Node, outer: Scope, arrow: boolean, own?: string): Rope {
  const { unit } = outer
  const tag = unit.tags.get(fn.original ?? fn)
  const scope = bodyScope(outer, 'twin', describe(fn, outer), arrow)
  if (!tag) return printTwinBody(fn, scope)
  return printPrimitive(fn, tag, scope, () => own ?? ['(function*', printTwinBody(fn, scope), ')'])
}

/** A twin's parameters and body, without its tag. */
export function printTwinBody(fn: Node, outer: Scope): Rope {
  const { unit } = outer
  const asks = asksForTarget(fn) && outer.target === 'new.target'
  const scope: Scope = asks ? { ...outer, target: named(unit, 'target') } : outer
  const parameters = parametersOf(fn)
  const keep =
    !asks && parameters.every((each) => !needsLowering(stripRest(each), scope) && unit.leaves.isQuiet(stripRest(each)))
  const told = asks ? ` const ${scope.target} = ${named(unit, 'n')}.target();` : ''
  const count = told + makesOwn(fn, unit) + countCall(fn, scope)
  if (fn.async) return printAsyncTwin(fn, scope, count)
  if (fn.generator) return printGeneratorTwin(fn, scope, keep, count)
  if (keep && unit.locals) return [printParameters(fn, scope), ' ', printSeenBody(fn, scope, count)]
  if (keep) return [printParameters(fn, scope), ' ', printBody(fn, scope, count)]
  const list = named(unit, 'list')
  const taken = takeParameters(fn, list, scope)
  const block = fn.body.type === 'BlockStatement'
  const body: Rope = block ? printBlock(fn.body, scope) : ['return (', scope.unit.print(fn.body, scope), ');']
  return [`(...${list}) {${declareTemps(scope)}${count} `, taken, body, ' }']
}

/** A body whose call is to be seen while it is in progress: what reads its variables stands where they are in scope. */
function printSeenBody(fn: Node, scope: Scope, count: string): Rope {
  const { unit } = scope
  const statements: readonly Node[] = fn.body.type === 'BlockStatement' ? fn.body.body : []
  const declared = statements.filter(({ type }) => type === 'VariableDeclaration')
  const patterns = [
    ...parametersOf(fn),
    ...declared.flatMap(({ declarations }) => declarations.map(({ id }: Node) => id)),
  ]
  const names = patterns.flatMap((each) => boundNames(each))
  const call = named(unit, 'call')
  const n = named(unit, 'n')
  const read = names.map((name) => `() => ${name}`).join(', ')
  const name: string = fn.id?.name ?? fn.givenName ?? ''
  const enter = `${count} ${call} = ${n}.enter(${JSON.stringify(name)}, '${names.join(',')}', [${read}]);`
  return [`{ let ${call}; try `, printBody(fn, scope, enter), ` finally { ${n}.leave(${call}); } }`]
}

/** The twin of a generator returns the author's generator object; its body runs as a generator of its own. */
function printGeneratorTwin(fn: Node, outer: Scope, keep: boolean, count: string): Rope {
  const { unit } = outer
  const uses = lexicalUses(fn)
  const inner: Scope = { ...captured(outer, uses), temps: [], generator: true }
  const body = printBody(fn, inner, count)
  const list = named(unit, 'list')
  const taken = keep ? '' : takeParameters(fn, list, outer)
  const parameters = keep ? printParameters(fn, outer) : `(...${list})`
  const make = wrap(outer, uses, ['(function*() ', body, ')()'])
  return [parameters, ` {${declareTemps(outer)} `, taken, `return ${named(unit, 'n')}.generator(`, make, '); }']
}

/**
 * The twin of an async function runs its body as a generator of its own, in which `await` yields what is waited for. An
 * error among the parameters rejects the promise, so they are bound there, too.
 */
function printAsyncTwin(fn: Node, outer: Scope, count: string): Rope {
  const { unit } = outer
  const uses = lexicalUses(fn)
  const inner: Scope = { ...captured(outer, uses), temps: [], generator: fn.generator === true, async: true }
  const keep = parametersOf(fn).every((each) => stripRest(each).type === 'Identifier')
  const list = named(unit, 'list')
  // What an async generator does with its parameters it does at the call.
  const early = fn.generator === true
  const taken = keep ? '' : takeParameters(fn, list, early ? outer : inner)
  const body = printBody(fn, inner, early ? count : [count, ' ', taken])
  const parameters = keep ? printParameters(fn, outer) : `(...${list})`
  const make = wrap(outer, uses, ['(function*() ', body, ')()'])
  const n = named(unit, 'n')
  const start = early ? `return ${n}.asyncGenerator(` : `return yield* ${n}.startAsync(`
  return [parameters, ` {${declareTemps(outer)} `, early ? taken : '', start, make, '); }']
}

/** A function or arrow expression. */
export function printFunctionExpression(fn: Node, scope: Scope): Rope {
  const { unit } = scope
  const n = named(unit, 'n')
  const name: string | undefined = fn.givenName
  const withName = (text: Rope): Rope =>
    name === undefined
      ? text
      : ['({ ', begins(fn), `${isIdentifier(name) ? name : JSON.stringify(name)}: `, text, ` })${property(name)}`]
  if (unit.leaves.functions.has(fn.original ?? fn)) return [`${n}.leaf(`, withName(printPlain(fn, scope, '')), ')']

  const arrow = fn.type === 'ArrowFunctionExpression'
  const uses = lexicalUses(fn)
  const twin = named(unit, 'w')
  const outer = arrow ? captured(scope, uses) : scope
  const body = printTwin(fn, outer, arrow)
  const own: Rope = ['function*', body]
  const told: Rope = asksForTarget(fn) ? [`${n}.asking(`, own, ')'] : own
  const made: Rope = arrow ? wrap(scope, uses, ['(', own, ')']) : told
  const plain = withName(printPlain(fn, scope, twin))
  // The name of a function expression is bound inside it to the plain form, also for the twin.
  if (fn.id) {
    return [`((${fn.id.name}) => ${n}.fn(`, made, `, ${twin} => (${fn.id.name} = `, plain, `)${printPlace(unit)}))()`]
  }
  return [`${n}.fn(`, made, `, ${twin} => `, plain, `${printPlace(unit)})`]
}

const isIdentifier = (name: string): boolean => /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name)
const property = (name: string): string => (isIdentifier(name) ? `.${name}` : `[${JSON.stringify(name)}]`)

/** What the plain form of an async function begins with: a thread goes by its twin. */
export const refuseAsync = ({ unit }: Scope): string =>
  ` if (${named(unit, 'e')}.running) return ${named(unit, 'n')}.driveAsync();`

/** What runs a twin for the plain form of a function. */
export const driverOf = (fn: Node): string => (fn.async ? 'driveAsync' : 'drive')

/** What drives a twin. A native may call `new` of a function, and break it off: then what was made is made once. */
function drivenBy(fn: Node, twin: string, driven: string, { unit }: Scope): string {
  const { self, target } = lexicalUses(fn)
  if (fn.type === 'ArrowFunctionExpression' || fn.async || fn.generator || !(self || target)) return driven
  return `new.target ? ${named(unit, 'n')}.driveNew(new.target, ${twin}, this, arguments) : ${driven}`
}

/** The plain form. `twin` is an expression for its twin; empty if it has none. */
function printPlain(fn: Node, scope: Scope, twin: string): Rope {
  const { unit } = scope
  const arrow = fn.type === 'ArrowFunctionExpression'
  const kind = `${fn.async ? 'async ' : ''}${arrow ? '' : `function${fn.generator ? '*' : ''} `}`
  const head: Rope = [
    begins(fn),
    kind,
    fn.id && !arrow ? { from: fn.id.start, to: fn.id.start + fn.id.name.length } : '',
  ]
  const mark = unit.mark?.(unit.origin?.source(fn.original ?? fn) ?? unit.code.slice(fn.start, fn.end)) ?? ''
  const sign = `${mark}${arrow ? ' => ' : ' '}`
  const drive = `${named(unit, 'n')}.${driverOf(fn)}`
  const simple = hasSimpleParameters(fn) && !fn.generator
  const call = arrow ? `${twin}(${simple ? forwarded(fn) : ''})` : `${twin}.apply(this, arguments)`
  const driven = drivenBy(fn, twin, `${drive}(${call})`, scope)

  if (twin !== '' && scope.mode === 'twin') {
    // Made inside a thread: nobody calls it plainly but natives of that thread, so there is no text to keep.
    if (simple) return [head, printParameters(fn, bodyScope(scope, 'plain', '', arrow)), `${sign}{ return ${driven}; }`]
    const names = placeholders(fn, scope)
    const list = [...names, `...${named(unit, 'list')}`].join(', ')
    if (arrow) return `${fn.async ? 'async ' : ''}(${list})${sign}${drive}(${twin}(${list}))`
    const given = fn.async && fn.generator ? 'return yield*' : 'return'
    return [fn.async ? head : `function ${fn.id?.name ?? ''}`, `(${names.join(', ')})${sign}{ ${given} ${driven}; }`]
  }

  const leaf = unit.leaves.functions.has(fn.original ?? fn)
  const prologue = twin !== '' && simple && !fn.async
  const inner = bodyScope(scope, prologue || leaf ? 'plain' : 'checked', describe(fn, scope), arrow)
  const running = `${named(unit, 'e')}.running`
  if (!prologue && !leaf) {
    const { parameters, first: bound } = checkedParameters(fn, inner)
    const before = (fn.async ? refuseAsync(scope) : '') + countCall(fn, scope)
    const first: Rope = before === '' ? bound : [before, ' ', bound]
    if (fn.body.type === 'BlockStatement' || first !== '') return [head, parameters, sign, printBody(fn, inner, first)]
    return [head, parameters, sign, printExpressionBody(fn, inner)]
  }
  const parameters = printParameters(fn, { ...inner, temps: null })
  const turns = countCall(fn, scope)
  const counted = leaf ? countChange(fn, scope) + turns : ''
  if (counted !== '') return [head, parameters, sign, printBody(fn, inner, counted)]
  const guard = prologue ? ` if (${running}) return ${driven};` : ''
  if (turns !== '') return [head, parameters, sign, printBody(fn, inner, guard + turns)]
  if (fn.body.type !== 'BlockStatement') {
    return [head, parameters, sign, printExpressionBody(fn, inner, guard)]
  }
  return [head, parameters, sign, printBody(fn, inner, guard)]
}

/**
 * What a leaf, which has no twin, begins with if it changes something that is none of its own variables, or draws a
 * number: a loop whose turn calls it does more than look.
 */
export function countChange({ start, end }: Node, { unit }: Scope): string {
  const draws = /\bMath\s*\.\s*random\b/.test(unit.code.slice(start, end))
  const changes = draws || [...unit.outward].some((at) => at >= start && at < end)
  return changes ? ` ${named(unit, 'e')}.changes++;` : ''
}

/** `function f() {}` as a statement: its plain form in place, its twin behind it, both hoisted. */
export function printFunctionDeclaration(fn: Node, scope: Scope): Rope {
  const { unit } = scope
  if (!fn.body || fn.declare) return ''
  if (!fn.id) {
    const expression = { ...fn, type: 'FunctionExpression', givenName: 'default', original: fn } as Node
    return [printFunctionExpression(expression, scope), ';']
  }
  const name = fn.id.name as string
  const twin = unit.leaves.functions.has(fn) ? '' : `${name}${named(unit, 'twin')}`
  const tag = unit.tags.get(fn)
  const text: Rope =
    tag && runsInSetup(tag)
      ? `function ${name}() { return ${named(unit, 'n')}.drive(${twin}.apply(this, arguments)); }`
      : printPlain({ ...fn, type: 'FunctionExpression', original: fn } as Node, scope, twin)
  if (twin === '') return text
  if (!tag || !runsInSetup(tag)) return [text, ` function* ${twin}`, printTwin(fn, scope, false)]
  const own = `${name}${named(unit, 'own')}`
  const head = printTwin(fn, scope, false, own)
  const body = printTwinBody(fn, bodyScope(scope, 'twin', describe(fn, scope), false))
  return [text, ` function* ${twin}`, head, ` function* ${own}`, body]
}

/** Set-up code allocates too, in plain form: that must reach the engine as well. */
function runsInSetup(tag: Tag): boolean {
  return tag.kind === 'alloc' || tag.kind === 'free' || tag.kind === 'arena'
}
