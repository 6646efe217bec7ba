/**
 * What modules know of each other's variables: which exports each thread has for itself, and which ones functions of
 * other modules may change.
 */

import type { Shape } from '../transform/constants.ts'
import type { Node } from '../transform/estree.ts'
import { NONE, type Own, ownIn } from '../transform/own.ts'
import { type Around, type Foreign, STATIC, STORED } from '../transform/own-values.ts'
import { stores } from '../transform/statics.ts'
import { awaits as topAwaits } from '../transform/top-awaits.ts'
import { type Origin, type Origins, originsIn } from './export-origins.ts'
import { type ReadModules, readModules } from './read-modules.ts'

export interface OwnExports {
  /** What the import stands for that `source` names in the file `from`. */
  foreign(source: string, name: string, from: string): Foreign | undefined
  /** Names of exports of that file that functions of other modules may change. */
  touched(file: string): Iterable<string>
  /** Whether a module that this file leads to awaits at its top what each thread has for itself. */
  awaits(file: string): boolean
}

/** What each module has of its own. */
type OwnOf = (file: string) => Own

/**
 * `resolve` gives the file of a specifier, if it is instrumented. `entry`: where the program begins, if it is known.
 */
export function ownExports(
  read: (file: string) => string,
  resolve: (source: string, from: string) => string | undefined,
  entries: () => Iterable<string>,
): OwnExports {
  const modules = readModules(read, resolve)
  const { module, resolved } = modules
  const origins = originsIn(module, resolved)
  /** What is known of a file's own, without what is made of others'; and with it. */
  const alone = new Map<string, Own>()
  const whole = new Map<string, Own>()

  function kept(known: Map<string, Own>, file: string, around: Around): Own {
    const before = known.get(file)
    if (before !== undefined) return before
    // For modules in a circle.
    known.set(file, NONE)
    const found = module(file)
    const own = found === undefined ? NONE : ownIn(found.program, found.top, around)
    known.set(file, own)
    return own
  }

  const aloneIn: OwnOf = (file) =>
    kept(alone, file, {
      foreign: (source, name) => {
        const at = resolved(source, file)
        return at === undefined ? undefined : described(origins, at, name, aloneIn, false)
      },
    })

  const wholeIn: OwnOf = (file) =>
    kept(whole, file, { foreign: (source, name) => foreign(source, name, file), touched: () => touched(file) })

  function foreign(source: string, name: string, from: string): Foreign | undefined {
    const at = resolved(source, from)
    return at === undefined ? undefined : described(origins, at, name, wholeIn, true)
  }

  const touched = touchesOf(modules, origins, aloneIn, entries)
  return { foreign, touched, awaits: awaitsOf(modules, wholeIn) }
}

/** What a name stands for that a file exports. `all`: also what each thread has for itself. */
function described(origins: Origins, file: string, name: string, ownOf: OwnOf, all: boolean): Foreign | undefined {
  const origin = name === '*' ? { file, name } : origins.originOf(file, name)
  if (origin === undefined) return undefined
  if (origin.name === '*') return namespace(origins, origin.file, ownOf, all)
  const found = ownOf(origin.file).exports.get(origin.name)
  if (found === undefined) return undefined
  return { file: origin.file, name: found.name, own: all && found.own, shape: found.shape }
}

/** What stands for all that a file exports. */
function namespace({ originOf, namesOf, spacesOf }: Origins, file: string, ownOf: OwnOf, all: boolean): Foreign {
  const members: Record<string, Shape> = Object.create(null)
  for (const as of namesOf(file)) {
    const origin = originOf(file, as)
    if (origin === undefined || origin.name === '*') continue
    const found = ownOf(origin.file).exports.get(origin.name)
    if (found !== undefined) members[as] = found.shape
  }
  const shape: Shape = { kind: 'object', members }
  const ownName = (origin: Origin): string | undefined => {
    const found = ownOf(origin.file).exports.get(origin.name)
    return found?.own ? found.name : undefined
  }
  const spaces = all ? spacesOf(file, ownName) : []
  const own = spaces.some((each) => Object.values(each).some((target) => typeof target !== 'number'))
  return { file, name: '*', own, shape, ...(own && { spaces }) }
}

/** Which exports of a file functions of other modules of the program may change. */
function touchesOf(
  { module, resolved }: ReadModules,
  { reached }: Origins,
  ownOf: OwnOf,
  entries: () => Iterable<string>,
): OwnExports['touched'] {
  const program = new Set<string>()
  let touches: Map<string, Set<string>> | undefined

  function collect(file: string): void {
    if (program.has(file)) return
    program.add(file)
    for (const source of module(file)?.sources ?? []) {
      const next = resolved(source, file)
      if (next !== undefined) collect(next)
    }
  }

  function note(all: Map<string, Set<string>>, from: string, touch: Own['touches'][number]): void {
    const at = resolved(touch.source, from)
    if (at === undefined) return
    for (const origin of reached(at, touch.name)) {
      const names = all.get(origin.file) ?? new Set()
      all.set(origin.file, names.add(origin.name))
      if (touch.stores) names.add(origin.name + STORED)
    }
  }

  /** Whoever is handed a class may store to what it is asked for by that name. */
  function noteStatics(all: Map<string, Set<string>>, file: string): void {
    for (const [name, statics] of ownOf(file).statics) {
      const isStored = [...program].some((each) => {
        const other = each === file ? undefined : module(each)
        return other !== undefined && stores(other.program, statics)
      })
      if (isStored) all.set(file, (all.get(file) ?? new Set()).add(name + STATIC))
    }
  }

  return (file) => {
    const before = program.size
    for (const entry of entries()) collect(entry)
    if (touches === undefined || program.size !== before) {
      touches = new Map()
      for (const each of program) {
        for (const touch of ownOf(each).touches) note(touches, each, touch)
        noteStatics(touches, each)
      }
    }
    return touches.get(file) ?? []
  }
}

/** Whether a module that a file leads to awaits at its top what each thread has for itself. */
function awaitsOf({ module, leadsTo }: ReadModules, ownOf: OwnOf): OwnExports['awaits'] {
  const awaiting = new Map<string, boolean>()

  function awaitsAtTop(file: string): boolean {
    let known = awaiting.get(file)
    if (known === undefined) {
      known = module(file)?.program.body.some((each: Node) => topAwaits(each)) === true && ownOf(file).awaited.size > 0
      awaiting.set(file, known)
    }
    return known
  }

  return (file) => {
    const reached = new Set(leadsTo(file))
    for (const each of reached) {
      if (awaitsAtTop(each)) return true
      for (const next of leadsTo(each)) reached.add(next)
    }
    return false
  }
}
