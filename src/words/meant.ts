/**
 * Names that were to be expected, in a sentence: all of them, or the one that was meant.
 */

/** 'a, b or c'. */
export function either(choices: readonly string[]): string {
  return choices.length < 2 ? choices.join() : `${choices.slice(0, -1).join(', ')} or ${choices.at(-1)}`
}

/** What was to be expected in place of `got`: the one choice that it is a slip of, or all of them. */
export function meant(got: string, choices: readonly string[]): string {
  const begun = got.length < 3 ? [] : choices.filter((choice) => choice.startsWith(got))
  if (begun.length === 1) return begun[0]
  const slips = choices.map((choice) => distance(got, choice))
  const least = Math.min(...slips)
  // One slip in three letters, and no other choice as near.
  const near = choices.filter((_, i) => slips[i] === least)
  return near.length === 1 && least <= got.replace(/^-+/, '').length / 3 ? near[0] : either(choices)
}

/** Letters to put in, take out, change, or swap with the next, to get from `a` to `b`. */
function distance(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, j) => j)]
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const changed = rows[i - 1][j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      row.push(
        Math.min(changed, row[j - 1] + 1, rows[i - 1][j] + 1, swapped ? rows[i - 2][j - 2] + 1 : a.length + b.length),
      )
    }
    rows.push(row)
  }
  return rows[a.length][b.length]
}
