/**
 * Where agents find the files that they evaluate for themselves: whoever loads programs says so here.
 */

import { ofAllCopies } from './all-copies.ts'

/** What a request of a file leads to. */
export type Found =
  /** A module of Node's. */
  | { readonly builtin: string }
  /** A file that is instrumented, of which each agent has its own. */
  | { readonly file: string }
  /** A file that is not, as Node itself loads it: one for all. */
  | { readonly value: unknown; readonly isModule: boolean }

/** A file as a function of what an agent has for itself. */
export interface AgentFile {
  readonly format: 'module' | 'commonjs' | 'script'
  /** Its function is async. */
  readonly awaits: boolean
  /** Given the globals that an agent has for itself, gives the function of the file. */
  // biome-ignore lint/complexity/noBannedTypes: it is called by its twin
  readonly make: Function
}

/** What programs find as their globals: Node's, or those of a page and its workers. */
export type Globals = 'node' | 'browser'

export interface AgentFiles {
  readonly globals: Globals
  /** The file of a worker, as it was named in that folder; of code that is no file, its text. Throws as Node does. */
  worker(named: string | URL): string
  /** Names a text that is evaluated as the file of a worker. */
  text(code: string): string
  /** The file, or the text, that a URL names in a browser. Undefined: neither `file:` nor `data:`. */
  at(url: string, format: 'module' | 'script'): string | undefined
  /** The URL of a file. */
  url(file: string): string
  /** What a request of that file leads to. Throws as Node does. */
  find(request: string, from: string, kind: 'import' | 'require'): Found
  load(file: string): AgentFile
}

/** Those of the program that was loaded last; undefined: none was by anything that can. */
export const agentFiles: { now: AgentFiles | undefined } = ofAllCopies('agent files', () => ({ now: undefined }))

/** The names of the globals that an agent has for itself, in the order in which the function of a file takes them. */
export const AGENT_GLOBALS: readonly string[] = ['process', 'console']

/**
 * The names of what agents of a browser have for themselves: members of what their files take in place of globals.
 * `Atomics` is one, since a page can't wait.
 */
export const BROWSER_GLOBALS: ReadonlySet<string> = new Set(
  [
    'self window globalThis frames parent top opener console postMessage addEventListener removeEventListener',
    'dispatchEvent reportError close name location navigator origin isSecureContext crossOriginIsolated Atomics',
    'onmessage onmessageerror onerror onunhandledrejection onrejectionhandled Worker SharedWorker ErrorEvent',
    'PromiseRejectionEvent Window WorkerGlobalScope DedicatedWorkerGlobalScope importScripts document history',
    'fetch XMLHttpRequest WebSocket EventSource indexedDB caches localStorage sessionStorage requestAnimationFrame',
    'cancelAnimationFrame requestIdleCallback alert confirm prompt OffscreenCanvas Notification FileReaderSync',
    'onlanguagechange onoffline ononline onload onunload onbeforeunload screen open stop',
  ].flatMap((line) => line.split(' ')),
)

/** What Node has and no browser: in a file of theirs it is not defined. */
export const NOT_IN_BROWSERS: ReadonlySet<string> = new Set(
  'process Buffer global setImmediate clearImmediate require module exports __filename __dirname'.split(' '),
)
