/**
 * A case that can't be measured on this machine; the message says what is missing. The table shows that in its place.
 */
export class Unavailable extends Error {
  override name = 'Unavailable'
}
