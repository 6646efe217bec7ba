/**
 * The measures of the lanes, in pixels.
 */

/** A step's width. */
export const CELL = 16
/** A lane's height. */
export const LANE = 24
/** Before the first step. */
export const LEFT = 8
