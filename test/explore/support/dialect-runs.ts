/**
 * Running a generated program plainly, as somebody else's compiler or nobody makes it, and in a twin, and telling what
 * differs.
 */

import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { types } from 'node:util'
import ts from 'typescript'
import { instrumentText } from '../../../src/explore/load/instrument-text.ts'
import '../../../src/explore/agents/install.ts'
import { knownOf } from '../../../src/explore/transform/transform.ts'
import { runPlain, runTwin } from './alone.ts'
import { APART, type Program, textOf } from './dialect-programs.ts'
import { words } from './source.ts'

type Run = (w: Int32Array, print: (...values: unknown[]) => void) => unknown

type Require = (name: string) => unknown

function evaluated(code: string, require?: Require): { run: Run } {
  const module = { exports: {} as { run: Run } }
  new Function('exports', 'require', 'module', code)(module.exports, require, module)
  return module.exports
}

const TWINS = instrumentText(APART, '/prelude.cjs', { format: 'commonjs' }).code
const [plainPrelude, twinPrelude] = [evaluated(APART), evaluated(TWINS)]
const { accessors } = knownOf(APART, '/prelude.cjs')

const COMPILER: ts.TranspileOptions = {
  compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.CommonJS, useDefineForClassFields: true },
}

/** By somebody else's compiler. */
function plainly(program: Program): Run {
  const text = textOf(program)
  const options = { compilerOptions: { ...COMPILER.compilerOptions, experimentalDecorators: program.legacy } }
  return evaluated(program.typed ? ts.transpileModule(text, options).outputText : text, () => plainPrelude).run
}

/** Where TypeScript is found, which compiles decorators of the language. */
const HERE = import.meta.dirname
/** Where a file's decorators are those that TypeScript had first. */
const LEGACY = mkdtempSync(join(tmpdir(), 'dialect-'))
writeFileSync(
  join(LEGACY, 'tsconfig.json'),
  '{ "compilerOptions": { "experimentalDecorators": true, "target": "es2022" } }',
)
mkdirSync(join(LEGACY, 'node_modules'))
const typescript = dirname(createRequire(import.meta.url).resolve('typescript/package.json'))
symlinkSync(typescript, join(LEGACY, 'node_modules', 'typescript'))
process.once('exit', () => rmSync(LEGACY, { recursive: true }))

function twinned(program: Program): Run {
  const name = program.typed ? join(program.legacy ? LEGACY : HERE, 'program.cts') : '/program.cjs'
  const options = { format: 'commonjs' as const, ...(program.apart && { accessors: () => accessors }) }
  return evaluated(instrumentText(textOf(program), name, options).code, () => twinPrelude).run
}

/** A value as text, without asking it anything. */
function shown(value: unknown, levels = 3): string {
  if (types.isProxy(value)) return 'proxy'
  if (typeof value === 'function') return `function ${value.name} ${value.length}`
  if (typeof value !== 'object' || value === null || levels === 0) return `${typeof value} ${String(value)}`
  const own = Object.entries(Object.getOwnPropertyDescriptors(value))
  const name = (Object.getPrototypeOf(value) as object | null)?.constructor.name
  return `${name} {${own.map(([key, { value: each, get }]) => `${key}: ${get ? 'get' : shown(each, levels - 1)}`).join()}}`
}

interface Outcome {
  printed: string[]
  value: string
  error: string | undefined
  memory: number[]
  refused: string | undefined
}

/** Programs that print more than that are left out. */
const MOST = 2000

function outcomeOf(run: Run, twin: boolean): Outcome {
  const printed: string[] = []
  const w = words(8, [0, 0, 3, 1, 4, 1])
  const print = (...values: unknown[]): void => {
    if (printed.push(values.map((each) => shown(each)).join(' ')) > MOST) throw new Error('enough')
  }
  let refused: string | undefined
  const refusing = (_: number, reason: string): void => void (refused ??= reason)
  const { value, error } = twin ? runTwin(run, [w, print], undefined, undefined, refusing) : runPlain(run, [w, print])
  // Errors of the language may be worded differently in a twin.
  const named = error?.replace(/^(\w*Error): .*/s, '$1')
  return { printed, value: shown(value), error: named, memory: [...w], refused }
}

/** What comes of it plainly, or why that is nothing to compare with. */
function plainOutcome(program: Program): Outcome | string {
  let run: Run
  try {
    run = plainly(program)
  } catch (error) {
    if (program.typed && error instanceof SyntaxError) return 'typescript makes of it what is no program'
    throw error
  }
  const outcome = outcomeOf(run, false)
  return outcome.printed.length > MOST ? 'prints too much' : outcome
}

/** What differs; undefined if nothing does, or there is nothing to compare, which `left` counts. */
export function difference(
  program: Program,
  left?: Map<string, number>,
): { ours: Outcome; plain: Outcome } | undefined {
  const leave = (reason: string): undefined => void left?.set(reason, (left.get(reason) ?? 0) + 1)
  const plain = plainOutcome(program)
  if (typeof plain === 'string') return leave(plain)
  const ours = outcomeOf(twinned(program), true)
  if (ours.refused !== undefined) return leave(ours.refused)
  return JSON.stringify(ours) === JSON.stringify(plain) ? undefined : { ours, plain }
}

/** Without the statements that the difference does not need. */
export function smallest(program: Program): Program {
  let small = program
  for (let at = 0; at < small.statements.length; ) {
    const without = { ...small, statements: small.statements.toSpliced(at, 1) }
    let differs = false
    try {
      differs = difference(without) !== undefined
    } catch {}
    if (differs) small = without
    else at++
  }
  return small
}
