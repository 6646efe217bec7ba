/**
 * Which values are views of shared memory.
 */

/** Is this a typed array or DataView over a SharedArrayBuffer? By brand, so that other realms count too. */
export function isShared(value: unknown): value is ArrayBufferView {
  if (typeof value !== 'object' || !ArrayBuffer.isView(value)) return false
  const { buffer } = value
  return (
    buffer instanceof SharedArrayBuffer ||
    (buffer as object as { [Symbol.toStringTag]: string })[Symbol.toStringTag] === 'SharedArrayBuffer'
  )
}

/** A typed array over shared memory, of any kind. */
export type Elements = Int32Array

export function isSharedArray(value: unknown): value is Elements {
  return isShared(value) && !(value instanceof DataView) && 'length' in value
}
