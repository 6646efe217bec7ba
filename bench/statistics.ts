/**
 * Median and spread of a few samples.
 */

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
