/** A module with variables at its top. */
export let count = 0
export const next = (): number => ++count
export const its = { count: 0 }
export class Store {
  static made = 0
  readonly id = ++Store.made
}
