/**
 * Where the names come from that modules export: through imports, re-exports and namespaces, to where they are
 * declared.
 */

import type { Node } from '../transform/estree.ts'
import type { Space } from '../transform/own-values.ts'
import type { ReadModule } from '../transform/read-module.ts'
import { exportsOf, importedName } from '../transform/tops.ts'

/** Where a name is declared that a module exports; `*`: what stands for all that the file exports. */
export interface Origin {
  readonly file: string
  readonly name: string
}

export interface Origins {
  /** Where the file exports that name from. Undefined: it doesn't, or the text is not instrumented. */
  originOf(file: string, name: string): Origin | undefined
  /** The names that the file exports, those it passes on among them. */
  namesOf(file: string): ReadonlySet<string>
  /** All that can be reached by an export of that name, `*`: by any. No namespace is among it. */
  reached(file: string, name: string): readonly Origin[]
  /**
   * What namespaces that can be reached from that of the file have of each thread's own. The first is that of the file.
   * `own`: the variable that an export stands for, if each thread has its own.
   */
  spacesOf(file: string, own: (origin: Origin) => string | undefined): readonly Space[]
}

type Module = (file: string) => ReadModule | undefined
type Resolved = (source: string, from: string) => string | undefined
type ExportsAt = (file: string, statements: readonly Node[]) => ReadonlyMap<string, string>

export function originsIn(module: Module, resolved: Resolved): Origins {
  const exported = new Map<string, ReadonlyMap<string, string>>()

  function exportsAt(file: string, statements: readonly Node[]): ReadonlyMap<string, string> {
    let names = exported.get(file)
    if (names === undefined) exported.set(file, (names = exportsOf(statements)))
    return names
  }

  const originOf = finderOf(module, resolved, exportsAt)
  const namesOf = (file: string): ReadonlySet<string> => namesIn(file, module, resolved, exportsAt)
  return {
    originOf,
    namesOf,
    reached: (file, name) => reachedFrom(file, name, originOf, namesOf),
    spacesOf: (file, own) => spacesFrom(file, own, originOf, namesOf),
  }
}

function finderOf(module: Module, resolved: Resolved, exportsAt: ExportsAt): Origins['originOf'] {
  /** What a name is that is imported. */
  function imported(file: string, statements: readonly Node[], name: string, seen: Set<string>): Origin | undefined {
    for (const { type, source, specifiers } of statements) {
      if (type !== 'ImportDeclaration') continue
      const found = (specifiers as Node[]).find(({ local }) => local.name === name)
      if (found === undefined) continue
      const at = resolved(source.value, file)
      if (at === undefined) return undefined
      const asked = importedName(found)
      return asked === '*' ? { file: at, name: '*' } : find(at, asked, seen)
    }
    return { file, name: '' }
  }

  function find(file: string, name: string, seen: Set<string>): Origin | undefined {
    const key = `${name}\n${file}`
    const its = module(file)
    if (its === undefined || seen.has(key)) return undefined
    seen.add(key)
    const statements = its.program.body as Node[]
    const local = exportsAt(file, statements).get(name)
    if (local !== undefined) {
      const from = imported(file, statements, local, seen)
      return from?.name === '' ? { file, name } : from
    }
    for (const { type, source, specifiers, exported } of statements) {
      const at = source?.value === undefined ? undefined : resolved(source.value, file)
      if (at === undefined || type === 'ImportDeclaration') continue
      if (type === 'ExportAllDeclaration' && exported != null) {
        if ((exported.name ?? exported.value) === name) return { file: at, name: '*' }
      } else if (type === 'ExportAllDeclaration' && name !== 'default') {
        const found = find(at, name, seen)
        if (found !== undefined) return found
      }
      for (const each of specifiers ?? [])
        if ((each.exported.name ?? each.exported.value) === name)
          return find(at, each.local.name ?? each.local.value, seen)
    }
    return undefined
  }

  return (file, name) => find(file, name, new Set())
}

function namesIn(
  file: string,
  module: Module,
  resolved: Resolved,
  exportsAt: ExportsAt,
  seen = new Set<string>(),
): Set<string> {
  const names = new Set<string>()
  const its = module(file)
  if (its === undefined || seen.has(file)) return names
  seen.add(file)
  const statements = its.program.body as Node[]
  for (const name of exportsAt(file, statements).keys()) names.add(name)
  for (const { type, source, specifiers, exported } of statements) {
    if (source?.value === undefined || type === 'ImportDeclaration') continue
    if (exported != null) names.add(exported.name ?? exported.value)
    else if (type === 'ExportAllDeclaration') {
      const at = resolved(source.value, file)
      if (at !== undefined)
        for (const name of namesIn(at, module, resolved, exportsAt, seen)) if (name !== 'default') names.add(name)
    } else for (const each of specifiers ?? []) names.add(each.exported.name ?? each.exported.value)
  }
  return names
}

function reachedFrom(
  file: string,
  name: string,
  originOf: Origins['originOf'],
  namesOf: Origins['namesOf'],
  seen = new Set<string>(),
): Origin[] {
  if (name !== '*') {
    const origin = originOf(file, name)
    if (origin === undefined) return []
    return origin.name === '*' ? reachedFrom(origin.file, '*', originOf, namesOf, seen) : [origin]
  }
  if (seen.has(file)) return []
  seen.add(file)
  return [...namesOf(file)].flatMap((each) => reachedFrom(file, each, originOf, namesOf, seen))
}

function spacesFrom(
  file: string,
  own: (origin: Origin) => string | undefined,
  originOf: Origins['originOf'],
  namesOf: Origins['namesOf'],
): Space[] {
  const places = new Map<string, number>()
  const spaces: Space[] = []
  const visit = (each: string): number => {
    const known = places.get(each)
    if (known !== undefined) return known
    const names: Record<string, readonly [file: string, name: string] | number> = {}
    const at = spaces.push(names) - 1
    places.set(each, at)
    for (const as of namesOf(each)) {
      const origin = originOf(each, as)
      if (origin === undefined) continue
      if (origin.name === '*') names[as] = visit(origin.file)
      else {
        const name = own(origin)
        if (name !== undefined) names[as] = [origin.file, name]
      }
    }
    return at
  }
  visit(file)
  return spaces
}
