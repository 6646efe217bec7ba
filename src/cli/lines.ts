/**
 * The lines of a stream whose other end may be anybody: none longer than a limit is kept, and no more is read than is
 * asked for.
 */

/**
 * Yields each line without its end; what follows the last end is none. Ends with undefined where more than `most` bytes
 * come without an end.
 */
export async function* linesOf(
  stream: AsyncIterable<Uint8Array>,
  most: number,
): AsyncGenerator<string | undefined, void> {
  let parts: Uint8Array[] = []
  let kept = 0
  for await (const chunk of stream) {
    let begin = 0
    for (;;) {
      const end = chunk.indexOf(0x0a, begin)
      const part = chunk.subarray(begin, end === -1 ? chunk.length : end)
      kept += part.length
      if (kept > most) {
        yield undefined
        return
      }
      if (part.length > 0) parts.push(part)
      if (end === -1) break
      yield Buffer.concat(parts).toString('utf8')
      parts = []
      kept = 0
      begin = end + 1
    }
  }
}
