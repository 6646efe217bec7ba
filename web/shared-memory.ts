/**
 * A page that is served without special headers has no SharedArrayBuffer. It needs none: one thread runs everything
 * here, and Atomics work on any buffer. So the name gets a buffer of the ordinary kind, which the explorer still tells
 * from others. Imported before anything that asks for it.
 */

if (typeof SharedArrayBuffer === 'undefined') {
  Object.assign(globalThis, { SharedArrayBuffer: class extends ArrayBuffer {} })
}
