/**
 * Steps of a memory model. Loaded with the first lesson that is about one.
 */

export { createStepper as createWeakStepper } from '../src/explore/internals.ts'
