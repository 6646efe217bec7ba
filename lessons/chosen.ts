/**
 * Which program a reader has chosen.
 */

/** What is being stepped. A worker is told the same. */
export interface Chosen {
  readonly lesson: string
  /** Id of an exhibit, or ''. */
  readonly exhibit: string
  /**
   * Of free play: each CPU's operations, as `create delete|get`. Of the museum: the exhibit whose program it is. Of the
   * litmus corner: the program.
   */
  readonly text: string
}
