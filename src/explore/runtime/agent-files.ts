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
  readonly format: 'module' | 'commonjs'
  /** Its function is async. */
  readonly awaits: boolean
  /** Given the globals that an agent has for itself, gives the function of the file. */
  // biome-ignore lint/complexity/noBannedTypes: it is called by its twin
  readonly make: Function
}

export interface AgentFiles {
  /** The file of a worker, as it was named in that folder; of code that is no file, its text. Throws as Node does. */
  worker(named: string | URL): string
  /** Names a text that is evaluated as the file of a worker. */
  text(code: string): string
  /** What a request of that file leads to. Throws as Node does. */
  find(request: string, from: string, kind: 'import' | 'require'): Found
  load(file: string): AgentFile
}

/** Those of the program that was loaded last; undefined: none was by anything that can. */
export const agentFiles: { now: AgentFiles | undefined } = ofAllCopies('agent files', () => ({ now: undefined }))

/** The names of the globals that an agent has for itself, in the order in which the function of a file takes them. */
export const AGENT_GLOBALS: readonly string[] = ['process', 'console']
