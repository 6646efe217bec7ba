/**
 * What the museum shows: a bug, as an edit of our source, with its story and the scenario that shows it.
 *
 * An exhibit is data. It is applied to the text of the source when that is loaded for exploration, so nothing outside
 * this room knows of it, and an edit that no longer fits the text fails loudly. Paths are seen from the project's root.
 */

import type { Edit as LoadedEdit, ViolationKind } from '../src/explore/index.ts'

/** A replacement in a source file, seen from the project's root. */
export type Edit = Required<LoadedEdit>

/** What the programmer believed, the interleaving that broke it, and the fix. Each one paragraph. */
export interface Story {
  readonly believed: string
  readonly broken: string
  readonly fixed: string
}

/** An export of a file in props/scenarios. */
export interface ScenarioRef {
  readonly file: string
  readonly name: string
  /** Explored with the implementation of locks and grace periods, which are taken at their word otherwise. */
  readonly raw?: boolean | undefined
}

/** The rules about races, in docs/design.md and in the comments of our source. */
export type Rule = `C${number}`

/** A bug that an edit of our source brings about. */
export interface Exhibit {
  /** H and a number: Linux had it. D and a number: a rule of the design, left out. */
  readonly id: string
  readonly title: string
  /** When Linux had it found, or, of a design that never was, when the rule was written down. */
  readonly year: number
  /** Of the fix in Linux, where there is one. */
  readonly commit?: string
  /** The rules that are broken. */
  readonly rules: readonly Rule[]
  readonly story: Story
  /** Several where a variant of the design needs them. */
  readonly edits: readonly Edit[]
  /**
   * Edits that only make a number small, so that few threads and elements reach what takes many otherwise. They stay
   * when the bug is taken out.
   */
  readonly scale?: readonly Edit[]
  readonly scenario: ScenarioRef
  /** What has to catch it. */
  readonly detector: ViolationKind
  /** Why real threads can't show it, where they can't. */
  readonly unseenByThreads?: string
}

/** A race that is no bug: explored and not reported. */
export interface Control {
  readonly id: string
  readonly title: string
  readonly why: string
  /** What makes Linux's own race of ours, where we have not taken it over. */
  readonly edits?: readonly Edit[]
  readonly scenario: ScenarioRef
  /** Outcomes, as the exploration prints them, that show the race to have happened. */
  readonly seen: readonly string[]
}

/** A bug of Linux that our code can't have, and why. It is told, not shown. */
export interface Tale {
  readonly id: string
  readonly title: string
  readonly year: number
  readonly commit?: string
  readonly story: Story
  readonly why: string
}
