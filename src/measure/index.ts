/**
 * Measuring structures of one's own on real threads: how `docs/measure-your-own.md` goes about it.
 *
 * @module sk-storage/bench
 */

export { type JobContext, type MeasureCase, type Measured, type MeasureOptions, measure } from './measure.ts'
export { formatHistogram, formatMeasured } from './report.ts'
