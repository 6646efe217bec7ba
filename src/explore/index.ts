/**
 * `sk-storage/explore`: every interleaving of code on a SharedArrayBuffer, on one thread.
 *
 * Arbitrary schedules for fast-check are in `sk-storage/explore/schedule`, since they need that package.
 *
 * @module sk-storage/explore
 */
import './agents/install.ts'

export { mergeCoverage } from './cover/coverage.ts'
export type { DetectorName, DetectorOptions } from './detectors/detectors.ts'
export { expectReplay, prove, ReplayFailure, UnprovedError } from './expectations.ts'
export { check, ExplorationFailure, explore } from './explore.ts'
export { type ReplayResult, replay } from './failure/replay.ts'
export { exploreFile, type FileOptions } from './jobs/explore-file.ts'
export { exploreProgram, type ProgramExploration } from './jobs/explore-program.ts'
export { type Litmus, litmusScenario } from './litmus.ts'
export type { Edit } from './load/edits.ts'
export { loadInstrumented } from './load/load.ts'
export type { LoadOptions } from './load/load-options.ts'
export { loadInstrumentedText } from './load/load-text.ts'
export type { Packages } from './load/packages.ts'
export type { ProgramOptions } from './load/program.ts'
export type { Moment, ObjectView, PerformedStep, StoreView, ThreadView, Wrong } from './moment.ts'
export { createHistory, type History } from './program/history.ts'
export {
  LinearizabilityError,
  type Linearization,
  linearize,
  type Operation,
  type SequentialModel,
} from './program/linearizability.ts'
export { coverageLcov, coverageLine, formatCoverage } from './report/coverage.ts'
export { githubAnnotation } from './report/github.ts'
export { resultLine } from './report/json.ts'
export { perfettoTrace } from './report/perfetto.ts'
export { shivizLog } from './report/shiviz.ts'
export { formatResult, formatViolation, type TextOptions } from './report/text.ts'
export type {
  Counts,
  Coverage,
  CoveredStep,
  FileCoverage,
  MemoryModel,
  MemoryReport,
  Note,
  Outcome,
  Progress,
  RaceReport,
  ReportStep,
  Result,
  SiteCoverage,
  Violation,
  ViolationKind,
} from './result.ts'
export type { Globals } from './runtime/agent-files.ts'
export type { CallView } from './runtime/calls-in-progress.ts'
export { MisuseError } from './runtime/misuse-error.ts'
export type { Site } from './runtime/site.ts'
export type { Checkpoint, Options, Scenario } from './scenario.ts'
export type { EndStore, Schedule } from './schedule/schedule.ts'
export type { StrategyName } from './search/strategies.ts'
export { createStepper, type Stepper } from './stepper.ts'
export {
  type Foreign,
  type Imported,
  type Shape,
  type Transformed,
  type TransformOptions,
  transform,
} from './transform/transform.ts'
