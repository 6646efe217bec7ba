/**
 * Aligned tables, and numbers that fit into them.
 */

/**
 * Lines of a table: the first column to the left, the others to the right, two blanks between. The first row is the
 * heading.
 */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)))
  return rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column])))
      .join('  ')
      .trimEnd(),
  )
}

/** '1,234,567'. */
export function withCommas(n: number): string {
  return Math.round(n).toLocaleString('en-US')
}

/** '987', '12.3 k', '4.56 M': at most four digits. */
export function compact(n: number): string {
  if (n >= 1e9) return `${(n / 1e9).toFixed(2)} G`
  if (n >= 1e6) return `${(n / 1e6).toFixed(2)} M`
  if (n >= 1e3) return `${(n / 1e3).toFixed(n < 1e4 ? 2 : 1)} k`
  return Math.round(n).toString()
}
