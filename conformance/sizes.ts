/**
 * What a socket is charged. The kernel's numbers changed over the years; ours are those of 5.2.
 */

import { ELEM_CHARGE, STORAGE_CHARGE } from '../src/shared/sk-storage-elem.ts'

export interface Sizes {
  /** For the first element, besides the element. */
  readonly storage: number
  /** For each element, besides its value. */
  readonly elem: number
}

export const OUR_SIZES: Sizes = { storage: STORAGE_CHARGE, elem: ELEM_CHARGE }

/** The charge for elements with values of these sizes on one socket. */
export function chargeOf({ storage, elem }: Sizes, values: readonly number[]): number {
  return values.reduce((sum, value) => sum + elem + value, values.length > 0 ? storage : 0)
}

/** `limit DELTA V...` as `optmem BYTES`: room for elements with values of V bytes, and DELTA more. */
export function withLimit(line: string, sizes: Sizes): string {
  const [command, delta, ...values] = line.split(' ')
  return command === 'limit' ? `optmem ${Math.max(0, chargeOf(sizes, values.map(Number)) + Number(delta))}` : line
}
