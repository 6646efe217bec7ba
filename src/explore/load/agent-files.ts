/**
 * The files that agents evaluate for themselves, workers among them: found as Node finds them, instrumented as
 * functions of what an agent has for itself.
 */

import { createRequire, isBuiltin } from 'node:module'
import { isAbsolute, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { compileFunction } from 'node:vm'
import type { AgentFile, AgentFiles, Found } from '../runtime/agent-files.ts'
import { runtime } from '../runtime/runtime.ts'
import { commonJsForm, moduleForm } from '../transform/agent-form.ts'
import { languageOf } from '../transform/language.ts'
import { authorsLines } from './authors-lines.ts'
import { instrumentText } from './instrument-text.ts'

/** What this needs of the loader. */
export interface Files {
  readonly raw: boolean
  text(file: string): string
  format(file: string): 'module' | 'commonjs'
  /** The file of an import; as it is, the name of a module of Node's. */
  resolved(source: string, from: string): string
  isInstrumented(file: string, source: string): boolean
}

/** The name of a text that is no file: the folder where it finds others, and its number. */
const EVALUATED = /\[worker eval(?: \d+)?\]$/

export function createAgentFiles(files: Files): AgentFiles {
  const texts = new Map<string, string>()
  const loaded = new Map<string, AgentFile>()
  /** Those that are being loaded. */
  const under = new Set<string>()
  const agents: AgentFiles = {
    worker(named) {
      if (named instanceof URL || /^[a-z]+:\/\//.test(named)) return fileURLToPath(named)
      if (!isAbsolute(named) && !/^\.{1,2}[\\/]/.test(named)) {
        const got = `The worker script or module filename must be an absolute path or a relative path starting with './' or '../'.`
        throw Object.assign(new TypeError(`${got} Received "${named}"`), { code: 'ERR_WORKER_PATH' })
      }
      return resolve(named)
    },
    text(code) {
      const known = [...texts].find(([, text]) => text === code)?.[0]
      if (known !== undefined) return known
      const name = resolve(texts.size === 0 ? '[worker eval]' : `[worker eval ${texts.size + 1}]`)
      texts.set(name, code)
      return name
    },
    find: (request, from, kind) => find(files, request, from, kind),
    load(file) {
      let its = loaded.get(file)
      if (its === undefined) {
        under.add(file)
        const waits = (source: string): boolean => awaitsAt(source, file)
        loaded.set(file, (its = load(files, file, texts.get(file), waits)))
        under.delete(file)
      }
      return its
    },
  }
  return agents

  /** Whether what an import leads to awaits something at its top. Of a circle one waits for the others. */
  function awaitsAt(source: string, from: string): boolean {
    try {
      const found = agents.find(source, from, 'import')
      return 'file' in found && !under.has(found.file) && agents.load(found.file).awaits
    } catch {
      // Evaluating it will tell what is wrong.
      return false
    }
  }
}

function find(files: Files, request: string, from: string, kind: 'import' | 'require'): Found {
  if (isBuiltin(request)) return { builtin: request.replace(/^node:/, '') }
  const native = createRequire(from)
  const file = kind === 'require' ? native.resolve(request) : files.resolved(request, from)
  if (isBuiltin(file)) return { builtin: file.replace(/^node:/, '') }
  if (isAbsolute(file) && files.isInstrumented(file, request)) return { file }
  const value: unknown = native(isAbsolute(file) ? file : request)
  const tag = typeof value === 'object' && value !== null ? Object.prototype.toString.call(value) : ''
  return { value, isModule: tag === '[object Module]' }
}

function load(
  files: Files,
  file: string,
  evaluated: string | undefined,
  waits: (source: string) => boolean,
): AgentFile {
  if (evaluated === undefined && languageOf(file) !== 'js')
    throw new Error(`${file}: got a file that is no JavaScript, expected .js, .mjs or .cjs, as Node takes for a worker`)
  const text = evaluated ?? files.text(file)
  const format = evaluated === undefined ? files.format(file) : 'commonjs'
  const form = format === 'module' ? moduleForm(text, file, waits) : commonJsForm(text)
  const options = { raw: files.raw, url: pathToFileURL(file).href, format: 'commonjs' as const, origin: form.origin }
  const { code, map } = instrumentText(form.code, file, options)
  const name = EVALUATED.test(file) ? file : `${file}.explored`
  runtime.copies.set(name, { file, lineOf: authorsLines(map.mappings) })
  const module: { exports: unknown } = { exports: {} }
  // Two characters too many are told as columns of the first line, which nobody asks for.
  compileFunction(code, ['module'], { filename: name })(module)
  return { format, awaits: form.awaits, make: module.exports as AgentFile['make'] }
}
