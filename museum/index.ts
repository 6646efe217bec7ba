/**
 * The catalogue: what the museum has. Data alone, so that a page can show it too.
 */

export { CONTROLS } from './controls.ts'
export type { Control, Edit, Exhibit, ScenarioRef, Story, Tale } from './exhibit.ts'
export { EXHIBITS } from './exhibits.ts'
export { TALES } from './tales.ts'
