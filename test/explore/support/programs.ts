/**
 * Generated programs in the dialect, as source text.
 *
 * Each exports `run(w, u, o)`: w and u are shared arrays of 8 elements, o is private. They end by construction:
 * loops count to three, and a function calls only functions declared before it.
 */

import fc from 'fast-check'

const index = (expression: string): string => `(${expression}) & 7`

/** Expressions that may refer to the functions declared so far. */
function expressions(functions: number): fc.Arbitrary<string> {
  const calls = Array.from({ length: functions }, (_, at) => `f${at}`)
  return fc.letrec<{ e: string; leaf: string }>((tie) => {
    const e = tie('e')
    const two = fc.tuple(e, e)
    return {
      leaf: fc.oneof(
        fc.integer({ min: -3, max: 9 }).map((n) => `(${n})`),
        fc.constantFrom('a', 'b', 'o.n', 'this?.t', 'w.length', 'arguments.length'),
        fc.integer({ min: 0, max: 7 }).chain((n) => fc.constantFrom(`w[${n}]`, `u[${n}]`, `w[${n}]++`, `--u[${n}]`)),
      ),
      e: fc
        .oneof(
          { maxDepth: 3, depthIdentifier: 'e', depthSize: 'small' },
          tie('leaf'),
          fc
            .tuple(e, fc.constantFrom('+', '-', '*', '&', '|', '^', '<', '===', '%', '**', ',', '&&', '||', '??'), e)
            .map(([x, op, y]) => `((${x}) ${op} (${y}))`),
          e.map((x) => `w[${index(x)}]`),
          e.map((x) => `o.v.u[${index(x)}]`),
          fc
            .tuple(
              fc.constantFrom('w', 'u', 'o.v.u', 'o.list'),
              e,
              fc.constantFrom('=', '+=', '-=', '|=', '**=', '&&=', '||=', '??='),
              e,
            )
            .map(([v, x, op, y]) => `(${v}[${index(x)}] ${op} (${y}))`),
          fc.tuple(fc.constantFrom('++', '--'), e, fc.boolean()).map(([op, x, pre]) => {
            const at = `w[${index(x)}]`
            return pre ? `(${op}${at})` : `(${at}${op})`
          }),
          fc
            .tuple(fc.constantFrom('a', 'b', 'o.n'), fc.constantFrom('=', '+=', '^='), e)
            .map((t) => `(${t.join(' ')})`),
          fc.tuple(fc.constantFrom('load'), e).map(([op, x]) => `Atomics.${op}(w, ${index(x)})`),
          fc
            .tuple(fc.constantFrom('store', 'add', 'sub', 'and', 'or', 'xor', 'exchange'), e, e)
            .map(([op, x, y]) => `Atomics.${op}(w, ${index(x)}, (${y}))`),
          fc.tuple(e, e, e).map(([x, y, z]) => `Atomics.compareExchange(w, ${index(x)}, (${y}), (${z}))`),
          fc.tuple(e, e, e).map(([x, y, z]) => `((${x}) ? (${y}) : (${z}))`),
          e.map((x) => `(() => (${x}))()`),
          e.map((x) => `(function (a) { return (${x}) })(b)`),
          two.map(([x, y]) => `(([a, b = (${x})]) => a + b)([${y}])`),
          two.map(([x, y]) => `(({ a = (${x}), ...r }) => a + Object.keys(r).length)({ b: (${y}) })`),
          e.map((x) => `o.m((${x}))`),
          e.map((x) => `o?.none?.((${x}))`),
          e.map((x) => `k.get(${index(x)})`),
          e.map((x) => `k.size + (${x})`),
          two.map(([x, y]) => `sum(...[(${x})], ...w.subarray(0, 2), ...gen((${y})))`),
          two.map(([x, y]) => `[1, 2].map((a) => a + (${x})).reduce((p, q) => p + q, (${y}))`),
          e.map((x) => `[...gen((${x}))].length`),
          e.map((x) => `tag\`x\${(${x})}y\``),
          e.map((x) => `[a, b] = [b, (${x})], a`),
          e.map((x) => `([w[3], u[(${x}) & 7] = 5] = [a])[0]`),
          e.map((x) => `w.fill((${x}), 5, 7).length`),
          e.map((x) => `w.indexOf((${x}))`),
          ...(calls.length > 0
            ? [fc.tuple(fc.constantFrom(...calls), e, e).map(([f, x, y]) => `${f}((${x}), (${y}))`)]
            : []),
        )
        .map((text) => `(${text})`),
    }
  }).e
}

/** Labels nest, and then need names of their own: the number of labels inside will do. */
const depthOf = (body: string): number => body.split('continue L').length

function statements(functions: number): fc.Arbitrary<string> {
  const e = expressions(functions)
  return fc.letrec<{ s: string; block: string }>((tie) => {
    const block = tie('block')
    return {
      block: fc.array(tie('s'), { minLength: 1, maxLength: 3 }).map((list) => `{ ${list.join('\n')} }`),
      s: fc.oneof(
        { maxDepth: 2, depthIdentifier: 's', depthSize: 'small' },
        e.map((x) => `out.push(${x});`),
        e.map((x) => `a = ${x}`),
        e.map((x) => `if (out.length > 40) return ${x};`),
        fc.tuple(e, block, block).map(([x, y, z]) => `if (${x}) ${y} else ${z}`),
        fc.tuple(e, block).map(([x, y]) => `for (let i = 0; i < 3; i++) { if (i === ${x}) continue; ${y} }`),
        fc.tuple(e, block).map(([x, y]) => `for (const q of [a, ${x}]) { b = q; ${y} }`),
        fc.tuple(e, block).map(([x, y]) => `for (const [q, c = ${x}] of [[a], [1, 2]]) { out.push(c); ${y} }`),
        fc.tuple(e, block).map(([x, y]) => `for (const q of w.subarray(6)) { if (q === ${x}) break; ${y} }`),
        fc.tuple(e, e, block).map(([x, y, z]) => `for (const q of gen(${x})) { if (q > ${y}) break; ${z} }`),
        fc
          .tuple(e, block)
          .map(
            ([x, y]) =>
              `L${depthOf(y)}: for (const q of [1, 2]) for (const c of [3, 4]) { if (c + ${x} & 1) continue L${depthOf(y)}; ${y} }`,
          ),
        fc
          .tuple(e, e, block, block)
          .map(([x, y, p, q]) => `switch (${x}) { case ${y}: ${p} default: ${q} break; case 1: out.push(1) }`),
        fc
          .tuple(block, block, block)
          .map(
            ([x, y, z]) =>
              `try ${x} catch (err) { out.push(err instanceof Error ? err.name : String(err)); ${y} } finally ${z}`,
          ),
        fc.tuple(block, block).map(([x, z]) => `try ${x} catch ([b]) { out.push(b) } finally ${z}`),
        e.map((x) => `if (a & 1) throw [${x}]`),
        e.map((x) => `{ const { a: p = ${x}, ...q } = { a: undefined, z: 1 }; out.push(p, q) }`),
        e.map((x) => `{ let [p, q = ${x}, ...r] = w.subarray(5); out.push(p, q, r.length) }`),
      ),
    }
  }).block
}

/** A program: three functions and `run`. */
export const programs: fc.Arbitrary<string> = fc
  .tuple(statements(0), statements(1), statements(2), statements(3), expressions(0), expressions(0))
  .map(([f0, f1, f2, run, getter, value]) => {
    const fn = (name: string, body: string): string =>
      `function ${name}(a, b) { const out = []; ${body} return out.length + a }`
    return `
const sum = (...list) => { let total = 0; for (const each of list) total += Number(each) | 0; return total }
const tag = (strings, ...values) => strings.length + sum(...values)
export function run(w, u, o) {
  const out = []; let a = 1; let b = 2
  class K { #v = w; get(i) { return this.#v[i] + this.#twice(i) } #twice(i) { return u[i] * 2 } get size() { const out = []; return (${getter.replaceAll('k.size', 'w.length')}) } }
  const k = new K()
  o.m = function (x) { return w[x & 7] + (this === o) }
  function* gen(x) { try { yield x; const got = yield w[x & 7]; yield* [u[1], got === undefined]; } finally { w[7]++ } }
  ${fn('f0', f0)}
  ${fn('f1', f1)}
  ${fn('f2', f2)}
  out.push(${value})
  ${run}
  return out
}`
  })
