/**
 * Compiling what means something at run time only by a compiler: enums, namespaces, parameter properties, decorators,
 * `using`, `import =` and `export =`, JSX. The result knows, for each of its places, the author's.
 *
 * oxc does all but `using`, the language's own decorators, and the older ones of classes in which it would apply them
 * in another order; those the TypeScript of the author's project does.
 */

import { createRequire } from 'node:module'
import { decode } from '@jridgewell/sourcemap-codec'
import { transformSync } from 'oxc-transform'
import { FaultInText, type Origin } from '../transform/compiled.ts'
import { childrenOf, isOfTypes, type Node } from '../transform/estree.ts'
import { formatOf, languageOf } from '../transform/language.ts'
import { parse } from '../transform/parse.ts'
import { lineStarts, placeOf } from '../transform/rope.ts'
import { type CompilerSettings, compilerSettings } from './compiler-settings.ts'

export interface Compiled {
  readonly code: string
  readonly origin: Origin
}

/** What a compiler gives: text, and the `mappings` of its source map. */
interface Output {
  readonly code: string
  readonly mappings: string
}

/** Compiles a text to JavaScript. Throws FaultInText if it can't be. */
export function compile(text: string, file: string, format = formatOf(text, file)): Compiled {
  const settings = compilerSettings(file)
  const { program, comments } = parse(text, file, languageOf(file), format)
  const statements = program.body as unknown as Node[]
  const why = whyTypeScript(statements, settings)
  const made = why === undefined ? byOxc(text, file, format, settings) : byTypeScript(text, file, settings, why)
  const { code, format: made2, lines } = linked(made.code, statements, format)
  const tags = comments.filter(({ type, value }) => type === 'Block' && value.includes('@explore')).length
  if (tags !== [...code.matchAll(/\/\*(?:(?!\*\/)[\s\S])*@explore/g)].length)
    throw new FaultInText(`${file}: an @explore tag stands where the compiler keeps no comments`)
  return { code, origin: originOf(text, statements, code, made2, segmentsOf(made.mappings, code, text, lines)) }
}

function byOxc(text: string, file: string, format: 'module' | 'commonjs', settings: CompilerSettings): Output {
  const { legacyDecorators, metadata, strictNullChecks, assignedFields, jsx } = settings
  const { code, map, errors, helpersUsed } = transformSync(file, text, {
    lang: languageOf(file),
    sourceType: format,
    target: 'esnext',
    sourcemap: true,
    helpers: { mode: 'External' as never },
    jsx,
    // Without decorators of the language, it is what turns `accessor` into a getter and a setter.
    decorator: { legacy: true, emitDecoratorMetadata: legacyDecorators && metadata, strictNullChecks },
    ...(assignedFields && {
      assumptions: { setPublicClassFields: true },
      typescript: { removeClassFieldsWithoutInitializer: true },
    }),
  })
  const error = errors.find(({ severity }) => severity === ('Error' as never))
  if (error !== undefined) throw faultAt(text, file, error.labels[0]?.start ?? 0, error.message)
  const needed = Object.keys(helpersUsed)
  const unknown = needed.find((name) => !(name in HELPERS))
  if (unknown !== undefined) throw new FaultInText(`${file}: got code that needs the helper ${unknown}, expected none`)
  const helpers = needed.map((name) => `${name}: ${HELPERS[name as keyof typeof HELPERS]}`)
  // Behind the code, where they move nothing; a function, since those are there from the start.
  const after = helpers.length === 0 ? '' : `function babelHelpers() { return { ${helpers.join(', ')} } }\n`
  return { code: code.replaceAll(/\bbabelHelpers\.(\w+)/g, 'babelHelpers().$1') + after, mappings: map!.mappings }
}

/** What decorated code calls. `Reflect.decorate` and `Reflect.metadata` are there if reflect-metadata is. */
const HELPERS = {
  decorate: `(decorators, target, key, descriptor) => {
    const isClass = key === undefined
    let it = isClass ? target : descriptor === null ? Object.getOwnPropertyDescriptor(target, key) : descriptor
    if (typeof Reflect.decorate === 'function') it = Reflect.decorate(decorators, target, key, it)
    else for (const each of [...decorators].reverse()) it = (isClass ? each(it) : it === undefined ? each(target, key) : each(target, key, it)) || it
    if (!isClass && it) Object.defineProperty(target, key, it)
    return it
  }`,
  decorateParam: '(index, decorator) => (target, key) => decorator(target, key, index)',
  decorateMetadata: `(key, value) => typeof Reflect.metadata === 'function' ? Reflect.metadata(key, value) : undefined`,
}

/** As much of TypeScript's interface as is used. */
interface TypeScript {
  readonly ScriptTarget: { readonly ES2022: number }
  readonly ModuleKind: { readonly ESNext: number }
  readonly JsxEmit: { readonly React: number; readonly ReactJSX: number }
  transpileModule(
    text: string,
    options: { fileName: string; reportDiagnostics: boolean; compilerOptions: object },
  ): { outputText: string; sourceMapText?: string }
}

/** What only TypeScript compiles in these statements, and what to do where it isn't there; undefined: nothing. */
function whyTypeScript(statements: readonly Node[], { legacyDecorators }: CompilerSettings): string | undefined {
  const found = 'expected a package typescript that can be found from there'
  if (uses(statements)) return `using, which TypeScript compiles: ${found}`
  if (legacyDecorators && mixesStatics(statements))
    return `decorators of static members beside others, whose order TypeScript keeps: ${found}`
  if (!legacyDecorators && hasDecorators(statements))
    return `decorators of the language, which TypeScript compiles: ${found}, or experimentalDecorators in the tsconfig`
  return undefined
}

/**
 * Throws if there is no TypeScript: a FaultInText, unless the text is one that Node may run as it stands. `why`: what
 * it is needed for.
 */
function byTypeScript(text: string, file: string, settings: CompilerSettings, why: string): Output {
  const { assignedFields, jsx, legacyDecorators, metadata } = settings
  let ts: TypeScript
  try {
    ts = createRequire(file)('typescript') as TypeScript
    if (typeof ts.transpileModule !== 'function') throw new TypeError()
  } catch {
    if (languageOf(file) === 'js' && !why.startsWith('decorators')) throw new Error(why)
    throw new FaultInText(`${file}: got ${why}`)
  }
  const { outputText, sourceMapText } = ts.transpileModule(text, {
    fileName: file,
    reportDiagnostics: false,
    compilerOptions: {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
      sourceMap: true,
      allowJs: true,
      useDefineForClassFields: !assignedFields,
      experimentalDecorators: legacyDecorators,
      emitDecoratorMetadata: legacyDecorators && metadata,
      jsx: typeof jsx === 'object' && jsx.runtime === 'classic' ? ts.JsxEmit.React : ts.JsxEmit.ReactJSX,
    },
  })
  const code = outputText.replace(/\/\/# sourceMappingURL=.*\s*$/, '')
  return { code, mappings: (JSON.parse(sourceMapText!) as { mappings: string }).mappings }
}

/** Whether there is a `using` or an `await using`. */
function uses(nodes: readonly Node[]): boolean {
  return nodes.some(
    (node) => (node.type === 'VariableDeclaration' && /using$/.test(node.kind)) || uses([...childrenOf(node)]),
  )
}

function hasDecorators(nodes: readonly Node[]): boolean {
  return nodes.some((node) => node.decorators?.length > 0 || hasDecorators([...childrenOf(node)]))
}

/** Whether static members of a class have decorators, and others of it too: TypeScript applies the latter first. */
function mixesStatics(nodes: readonly Node[]): boolean {
  return nodes.some((node) => {
    const members: Node[] = node.type === 'ClassBody' ? node.body.filter((each: Node) => hasDecorators([each])) : []
    const statics = members.filter((each) => each.static).length
    return (statics > 0 && statics < members.length) || mixesStatics([...childrenOf(node)])
  })
}

/**
 * `import x = require()` has no `require` in an ES module, nor `export =` a `module`. A text that has but these is
 * CommonJS; one that also imports or exports as a module does gets what it lacks, in so many lines before it.
 */
function linked(
  code: string,
  statements: readonly Node[],
  format: 'module' | 'commonjs',
): { code: string; format: 'module' | 'commonjs'; lines: number } {
  const assigns = statements.some(({ type }) => type === 'TSExportAssignment')
  const requires = statements.some(
    ({ type, moduleReference, declaration }) =>
      (moduleReference ?? declaration?.moduleReference)?.type === 'TSExternalModuleReference' &&
      /^(TSImportEquals|Export)/.test(type),
  )
  if (format === 'commonjs' || !(assigns || requires)) return { code, format, lines: 0 }
  const isModule = statements.some(
    (statement) => /^(Import|ExportNamed|ExportDefault|ExportAll)/.test(statement.type) && !isOfTypes(statement),
  )
  if (!isModule) return { code, format: 'commonjs', lines: 0 }
  const before = [
    requires
      ? `import { createRequire as createRequire_ } from 'node:module'; const require = createRequire_(import.meta.url);`
      : '',
    assigns ? 'const module = { exports: {} };' : '',
  ].join(' ')
  const after = assigns
    ? `const exported_ = module.exports;\nexport { exported_ as default, exported_ as 'module.exports' };\n`
    : ''
  return { code: `${before}\n${code}${after}`, format, lines: 1 }
}

/** Offsets in the compiled text, ascending, and the author's. */
interface Segments {
  readonly known: number[]
  readonly authors: number[]
}

/** The pairs of offsets that a map holds. `lines`: so many stand before the text that it is of. */
function segmentsOf(mappings: string, code: string, text: string, lines: number): Segments {
  const segments: Segments = { known: [], authors: [] }
  const starts = lineStarts(code)
  const authors = lineStarts(text)
  for (const [line, its] of decode(mappings).entries()) {
    for (const [column, , authorsLine, authorsColumn] of its) {
      if (authorsLine === undefined || authorsColumn === undefined) continue
      segments.known.push(starts[line + lines] + column)
      segments.authors.push(authors[authorsLine] + authorsColumn)
    }
  }
  return segments
}

function originOf(
  text: string,
  statements: readonly Node[],
  code: string,
  format: 'module' | 'commonjs',
  { known, authors }: Segments,
): Origin {
  const nodes = new Map<number, Node[]>()
  const visit = (node: Node): void => {
    const beside = nodes.get(node.start)
    if (beside === undefined) nodes.set(node.start, [node])
    else beside.push(node)
    for (const child of childrenOf(node)) visit(child)
  }
  for (const statement of statements) visit(statement)

  function offset(at: number): number {
    const line = placeOf(known, at).line
    const from = known[line] ?? 0
    const there = authors[line] ?? 0
    // Behind a known place it goes on as the author's text does, as far as the two are the same.
    return at > from && code.slice(from, at) === text.slice(there, there + at - from) ? there + at - from : there
  }
  return {
    text,
    format,
    known,
    offset,
    source(node) {
      const printed = code.slice(node.start, node.end).length
      const same = (nodes.get(offset(node.start)) ?? []).filter(({ type }) => type === node.type)
      const [nearest] = same.sort((a, b) => Math.abs(a.end - a.start - printed) - Math.abs(b.end - b.start - printed))
      return nearest && text.slice(nearest.start, nearest.end)
    },
  }
}

function faultAt(text: string, file: string, offset: number, message: string): FaultInText {
  const { line, column } = placeOf(lineStarts(text), offset)
  return new FaultInText(`${file}:${line + 1}:${column + 1}: ${message}`)
}
