/**
 * Sizes in bytes, as people write them.
 */

const UNITS: readonly (readonly [name: string, bytes: number])[] = [
  ['GiB', 1 << 30],
  ['MiB', 1 << 20],
  ['KiB', 1 << 10],
]

/** Bytes of '67108864', '64MiB', '1.5GiB'; NaN for anything else. */
export function parseSize(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s?(KiB|MiB|GiB|B)?$/.exec(text)
  if (match === null) return Number.NaN
  const unit = UNITS.find(([name]) => name === match[2])?.[1] ?? 1
  const bytes = Number(match[1]) * unit
  return Number.isSafeInteger(bytes) ? bytes : Number.NaN
}

/** '64 MiB', '1.5 GiB', '512 bytes': with up to one decimal. */
export function formatSize(bytes: number): string {
  for (const [name, unit] of UNITS) {
    if (bytes >= unit) return `${(bytes / unit).toFixed(1).replace(/\.0$/, '')} ${name}`
  }
  return `${bytes} bytes`
}
