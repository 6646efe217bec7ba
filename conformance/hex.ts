/**
 * Values as the commands write them: pairs of hexadecimal digits, "01ab*7" for a pattern repeated up to seven bytes,
 * "-" for none.
 */

export function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')
}

export function bytesOf(hex: string): Uint8Array {
  if (hex.startsWith('-')) return new Uint8Array(0)
  const [digits, times] = hex.split('*') as [string, string?]
  const pattern = Uint8Array.from(Buffer.from(digits, 'hex'))
  if (times === undefined || pattern.length === 0) return pattern
  return Uint8Array.from({ length: Math.max(Number(times), 0) }, (_, i) => pattern[i % pattern.length])
}

/** The words that hold these bytes, zeroes behind them. */
export function wordsOf(bytes: Uint8Array): Int32Array {
  const words = new Int32Array(Math.ceil(bytes.length / 4))
  new Uint8Array(words.buffer).set(bytes)
  return words
}

/** The first `size` bytes of words. */
export function hexOfWords(words: Int32Array, size: number): string {
  return hexOf(new Uint8Array(words.slice().buffer).subarray(0, size))
}
