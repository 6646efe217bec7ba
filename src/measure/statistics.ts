/**
 * Median and spread of a few samples, and ratios of those taken together.
 */

/** A ratio whose middle half reaches further than this says nothing and is not given. */
const RATIO_SPREAD = 0.15

/**
 * The value below which the share `q` of the samples lies, between two of them by proportion. `samples` is not empty.
 */
function quantile(samples: readonly number[], q: number): number {
  const sorted = samples.toSorted((a, b) => a - b)
  const at = (sorted.length - 1) * q
  const below = Math.floor(at)
  const above = Math.min(below + 1, sorted.length - 1)
  return sorted[below] + (at - below) * (sorted[above] - sorted[below])
}

export function median(samples: readonly number[]): number {
  return quantile(samples, 0.5)
}

/** How far the middle half of the samples reaches, as a share of their median: 0.03 is 3 %. */
export function spread(samples: readonly number[]): number {
  return (quantile(samples, 0.75) - quantile(samples, 0.25)) / Math.abs(median(samples))
}

/** The median of the ratios, sample by sample, or null where they disagree too much or something is missing. */
export function ratioOf(own: readonly number[], base: readonly number[]): number | null {
  const ratios = own.map((value, i) => value / base[i])
  return spread(ratios) <= RATIO_SPREAD ? median(ratios) : null
}
