/**
 * Conditions of litmus tests: `(0:r1=1 /\ x=2)`, with `/\`, `\/`, `~` and brackets.
 */

/** A final state: what threads' registers and locations hold, by `0:r1` and `x`. */
export type FinalState = ReadonlyMap<string, bigint>

export type Condition = (state: FinalState) => boolean

/** Reads a condition on what `names` tells. Throws a SyntaxError that says what it stumbled over. */
export function readCondition(text: string, names: ReadonlySet<string>): Condition {
  const tokens = text.match(/\d+:r\d+|\w+|\/\\|\\\/|[=()~-]|\S/g) ?? []
  let at = 0
  const bad = (expected: string): SyntaxError =>
    new SyntaxError(
      `condition '${text}': got ${tokens[at] === undefined ? 'its end' : `'${tokens[at]}'`}, expected ${expected}`,
    )
  const take = (token: string): void => {
    if (tokens[at] !== token) throw bad(`'${token}'`)
    at++
  }
  const either = (): Condition => {
    const parts = [both()]
    while (tokens[at] === '\\/') {
      at++
      parts.push(both())
    }
    return (state) => parts.some((part) => part(state))
  }
  const both = (): Condition => {
    const parts = [one()]
    while (tokens[at] === '/\\') {
      at++
      parts.push(one())
    }
    return (state) => parts.every((part) => part(state))
  }
  const one = (): Condition => {
    if (tokens[at] === '~') {
      at++
      const inner = one()
      return (state) => !inner(state)
    }
    if (tokens[at] === '(') {
      at++
      const inner = either()
      take(')')
      return inner
    }
    return equality()
  }
  const equality = (): Condition => {
    const name = tokens[at]
    if (name === undefined || !/^(\d+:r\d+|[A-Za-z_]\w*)$/.test(name)) throw bad('a register or a location')
    // What nobody holds would be 0 in every state.
    if (!names.has(name)) throw bad('a location of the test, or a register that holds a number')
    at++
    take('=')
    const sign = tokens[at] === '-' ? -1n : 1n
    if (sign < 0n) at++
    const digits = tokens[at]
    if (digits === undefined || !/^(\d+|0x[0-9a-f]+)$/i.test(digits)) throw bad('a number')
    at++
    const value = sign * BigInt(digits)
    return (state) => BigInt.asUintN(64, state.get(name)!) === BigInt.asUintN(64, value)
  }
  const condition = either()
  if (at < tokens.length) throw bad('its end')
  return condition
}
