/**
 * What our own page and commands use of the explorer, beyond or in place of its public face. Nothing in it needs Node,
 * since the page is built from it; what is loaded from files comes from `index.ts`, or for the page's build from
 * `internals-load.ts`.
 */

export { instrumented } from './agents/install.ts'
export { mergeParts } from './cover/coverage.ts'
export { DETECTOR_NAMES } from './detectors/detectors.ts'
export { check } from './explore.ts'
export { type Litmus, litmusScenario } from './litmus.ts'
export type { Moment, ObjectView, PerformedStep, ThreadView, Wrong } from './moment.ts'
export type { Orders } from './orders.ts'
export { violationLine } from './report/json.ts'
export { nearby, nearbyCoverage, nearbyResult } from './report/nearby.ts'
export { REPORTS, type TraceName } from './report/reports.ts'
export type { Outcome, Violation, ViolationKind } from './result.ts'
export { countPulses, moduleFiles, siteNames } from './runtime/pulse.ts'
export { Refusal } from './runtime/refusal.ts'
export * as shape from './runtime/shape.ts'
export type { Site } from './runtime/site.ts'
export { authorsCalls } from './runtime/stack-trace.ts'
export type { Scenario } from './scenario.ts'
export { type ReplayLine, readReplayLine } from './schedule/replay-line.ts'
export { readSchedule, scheduleLine } from './schedule/schedule.ts'
export { STRATEGIES, STRATEGY_NAMES } from './search/strategies.ts'
export { createStepper } from './stepper.ts'
export { createInterleavingStepper, type Stepper } from './stepping.ts'
