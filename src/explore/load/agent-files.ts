/**
 * The files that agents evaluate for themselves, workers among them: found as Node finds them, instrumented as
 * functions of what an agent has for itself.
 */

import { createRequire, isBuiltin } from 'node:module'
import { isAbsolute, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { compileFunction } from 'node:vm'
import type { AgentFile, AgentFiles, Found, Globals } from '../runtime/agent-files.ts'
import { runtime } from '../runtime/runtime.ts'
import { commonJsForm, moduleForm, scriptForm } from '../transform/agent-form.ts'
import { languageOf } from '../transform/language.ts'
import { refuse } from '../twins/refuse.ts'
import { authorsLines } from './authors-lines.ts'
import { isMade, markOf } from './function-texts.ts'
import { instrumentText } from './instrument-text.ts'

/** What this needs of the loader. */
export interface Files {
  readonly globals: Globals
  readonly raw: boolean
  text(file: string): string
  format(file: string): 'module' | 'commonjs'
  /** The file of an import; as it is, the name of a module of Node's. */
  resolved(source: string, from: string): string
  isInstrumented(file: string, source: string): boolean
}

/** The name of a text that is no file: the folder where it finds others, and its number. */
const EVALUATED = /\[worker eval(?: \d+)?\]$/

const MADE =
  'code is evaluated that holds the text of a function whose text is not kept, as of a method; expected the text of a function of a file that an agent evaluates, with plain parameters'

/** What is evaluated, if not a file by Node's rules. */
interface Given {
  readonly format: AgentFile['format']
  /** Of what is no file. */
  readonly text: string | undefined
  /** Of a file, where it stands. */
  readonly path: string | undefined
}

export function createAgentFiles(files: Files): AgentFiles {
  const { globals } = files
  const given = new Map<string, Given>()
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
    globals,
    text: (code) => textOf(code, 'commonjs'),
    at(url, format) {
      if (url.startsWith('data:')) return textOf(dataOf(url), format)
      if (!url.startsWith('file:')) return undefined
      const path = fileURLToPath(url.replace(/[?#].*$/, ''))
      const name = format === 'script' ? `${path}?script` : path
      given.set(name, { format, text: undefined, path })
      return name
    },
    url(file) {
      const { text, path = file } = given.get(file) ?? {}
      return text === undefined ? pathToFileURL(path).href : `data:text/javascript,${encodeURIComponent(text)}`
    },
    find(request, from, kind) {
      if (/^data:/.test(request)) return { file: textOf(dataOf(request), 'module') }
      return find(files, request, from, kind)
    },
    load(file) {
      let its = loaded.get(file)
      if (its === undefined) {
        under.add(file)
        const waits = (source: string): boolean => awaitsAt(source, file)
        loaded.set(file, (its = load(files, file, given.get(file), waits)))
        under.delete(file)
      }
      return its
    },
  }
  return agents

  /** The name of a text that is no file. */
  function textOf(text: string, format: AgentFile['format']): string {
    if (isMade(text)) refuse(-1, MADE)
    const known = [...given].find(([, its]) => its.text === text && its.format === format)?.[0]
    if (known !== undefined) return known
    const count = [...given.values()].filter((its) => its.text !== undefined).length
    const name = resolve(count === 0 ? '[worker eval]' : `[worker eval ${count + 1}]`)
    given.set(name, { format, text, path: undefined })
    return name
  }

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

/** The text that a `data:` URL holds. */
function dataOf(url: string): string {
  const [, head, data] = /^data:([^,]*),([^#]*)/s.exec(url) ?? []
  if (data === undefined || !/^(text|application)\/(x-)?(java|ecma)script\b/.test(head))
    throw new TypeError(`got ${url.slice(0, 40)}, expected data:text/javascript with a text`)
  const text = decodeURIComponent(data)
  return /;\s*base64$/.test(head) ? Buffer.from(text, 'base64').toString('utf8') : text
}

function load(
  files: Files,
  file: string,
  { text: evaluated, path = file, format = formatIn(files, path) }: Partial<Given> = {},
  waits: (source: string) => boolean,
): AgentFile {
  if (evaluated === undefined && languageOf(path) !== 'js')
    throw new Error(`${path}: got a file that is no JavaScript, expected .js, .mjs or .cjs, as Node takes for a worker`)
  const text = evaluated ?? files.text(path)
  const form =
    format === 'module'
      ? moduleForm(text, path, files.globals, waits)
      : format === 'script'
        ? scriptForm(text, path)
        : commonJsForm(text)
  const options = {
    mark: markOf,
    raw: files.raw,
    url: pathToFileURL(path).href,
    format: 'commonjs' as const,
    origin: form.origin,
  }
  const { code, map } = instrumentText(form.code, path, options)
  const name = EVALUATED.test(file) ? file : `${file}.explored`
  runtime.copies.set(name, { file: path, lineOf: authorsLines(map.mappings) })
  const module: { exports: unknown } = { exports: {} }
  // Two characters too many are told as columns of the first line, which nobody asks for.
  compileFunction(code, ['module'], { filename: name })(module)
  return { format, awaits: form.awaits, make: module.exports as AgentFile['make'] }
}

/** In a browser whatever is imported is a module. */
const formatIn = (files: Files, path: string): 'module' | 'commonjs' =>
  files.globals === 'browser' ? 'module' : files.format(path)
