/**
 * Operators for mutation tests of concurrent code: each plants, at one place of a source text, a fault that people make
 * there. They work on statements of one line, which nearly all that touch shared memory are.
 */

/** A source text with one fault. */
export interface Mutant {
  readonly operator: string
  /** From 1: the first line that differs. */
  readonly line: number
  /** The function that the line stands in. */
  readonly within: string
  /** The line as it was. */
  readonly was: string
  /** What became of it, or what was done. */
  readonly becomes: string
  readonly text: string
}

/** What stands on a line, without its indentation, and how deep that is. */
interface Line {
  readonly text: string
  readonly depth: number
}

const STORE =
  /^(words\[.*\] = [^=].*|.*\.words\[.*\] = [^=].*|Atomics\.store\(.*\)|rcuAssignPointer\(.*\)|writeOnce\(.*\)|refcountSet\(.*\)|initValue\(.*\)|setLink\(.*\))$/
const PUBLISH = /^(rcuAssignPointer|hlistAddHeadRcu\w*|selemLink\w+)\(.*\)$/
const LOCK = /^(spinLock|bpfSpinLock|mutexLock)\(.*\)$/
const UNLOCK = /^(spinUnlock|bpfSpinUnlock|mutexUnlock)\(.*\)$/
/** A statement that can change places with its neighbour: no declaration, no jump, no block. */
const MOVES =
  /^(?!(const|let|return|if|for|while|do|else|throw|break|continue|switch|case|export|function|\}|\/\/|\*|\/\*|\)|\.|\?|:))\S.*[^{,(]$/

const split = (text: string): Line[] =>
  text.split('\n').map((line) => ({ text: line.trim(), depth: line.length - line.trimStart().length }))

/** All mutants of a text. */
export function mutantsOf(text: string): readonly Mutant[] {
  const lines = text.split('\n')
  const at = split(text)
  const found: Mutant[] = []
  const put = (operator: string, i: number, becomes: string, changed: readonly string[]) => {
    const mutated = changed.join('\n')
    if (mutated === text) return
    found.push({ operator, line: i + 1, within: functionAround(lines, i), was: at[i].text, becomes, text: mutated })
  }
  // There are no semicolons: a line that begins with a bracket would call what stands before it.
  const replaced = (operator: string, i: number, line: string) => {
    const to = line.startsWith('(') ? `;${line}` : line
    put(operator, i, to, lines.with(i, `${' '.repeat(at[i].depth)}${to}`))
  }
  const removed = (operator: string, i: number) => put(operator, i, 'left out', lines.toSpliced(i, 1))
  const swapped = (operator: string, i: number) =>
    put(operator, i, `behind: ${at[i + 1].text}`, lines.with(i, lines[i + 1]).with(i + 1, lines[i]))

  for (let i = 0; i < at.length; i++) {
    const { text: line, depth } = at[i]
    if (line.startsWith('*') || line.startsWith('//') || line.startsWith('import ')) continue
    const next = at[i + 1]?.depth === depth ? at[i + 1].text : ''
    if (STORE.test(line) && STORE.test(next) && !PUBLISH.test(next)) swapped('swap two stores', i)
    if (PUBLISH.test(next) && MOVES.test(line)) swapped('publish before init', i)
    if (UNLOCK.test(next) && MOVES.test(line)) swapped('early release', i)
    if (UNLOCK.test(line) && MOVES.test(next)) swapped('move across an unlock', i)
    if (LOCK.test(line) && MOVES.test(next)) swapped('before the lock', i)
    if (LOCK.test(line)) unlocked(at, lines, i, put)
    for (const to of recheckless(at, i)) replaced('drop a recheck', i, to)
    for (const to of plainly(line)) replaced('atomic to plain', i, to)
    for (const to of inTwoSteps(line)) replaced('look then store', i, to)
    for (const to of atOnce(line)) replaced('free at once', i, to)
    if (/^(Atomics\.notify|ringWorkBell)\(.*\)$/.test(line)) removed('forget a notify', i)
    if (/^(seen|was|file|node|table|head|depth) = .*$/.test(line) && !line.includes('?')) removed('stale value', i)
  }
  return found
}

/** The name of what is declared around a line, without indentation. */
function functionAround(lines: readonly string[], i: number): string {
  for (let k = i; k >= 0; k--) {
    const name = /^(?:export )?(?:const|function) (\w+)/.exec(lines[k])?.[1]
    if (name !== undefined) return name
  }
  return ''
}

type Put = (operator: string, i: number, becomes: string, changed: readonly string[]) => void

/** Without that lock: its unlocks in the same function go, too. */
function unlocked(at: readonly Line[], lines: readonly string[], i: number, put: Put): void {
  const its = at[i].text.replace(/^\w+/, '')
  const end = at.findIndex(({ text, depth }, k) => k > i && depth === 0 && text === '}')
  const gone = at.flatMap(({ text }, k) =>
    k === i || (k > i && k < end && UNLOCK.test(text) && text.replace(/^\w+/, '') === its) ? [k] : [],
  )
  if (gone.length > 1)
    put(
      'no lock',
      i,
      'left out, with its release',
      lines.filter((_, k) => !gone.includes(k)),
    )
}

/** A condition that is asked under a lock, or once more: as if it held, and as if it did not. */
function recheckless(at: readonly Line[], i: number): string[] {
  const { text } = at[i]
  const condition = /^if \((.*)\) (return\b.*|continue|break|\{|[^{]+)$/.exec(text)
  if (condition === null) return []
  const before = at.slice(Math.max(0, i - 6), i).some(({ text: line }) => LOCK.test(line))
  if (!before) return []
  return [`if (true) ${condition[2]}`, `if (false) ${condition[2]}`]
}

/** The arguments of a call that begins at an offset: [from, to) of each, and the offset behind its bracket. */
function argumentsAt(text: string, open: number): { parts: string[]; end: number } | undefined {
  const parts: string[] = []
  let depth = 0
  let begin = open + 1
  for (let k = open; k < text.length; k++) {
    const c = text[k]
    if (c === '(' || c === '[' || c === '{') depth++
    else if (c === ')' || c === ']' || c === '}') depth--
    if ((c === ',' && depth === 1) || depth === 0) {
      parts.push(text.slice(begin, k).trim())
      begin = k + 1
    }
    if (depth === 0) return { parts, end: k + 1 }
  }
  return undefined
}

/** Each call of that name in a line, as something else. */
function calls(line: string, name: string, to: (parts: readonly string[]) => string | undefined): string[] {
  const found: string[] = []
  for (let from = line.indexOf(`${name}(`); from >= 0; from = line.indexOf(`${name}(`, from + 1)) {
    if (from > 0 && /[\w.]/.test(line[from - 1])) continue
    const call = argumentsAt(line, from + name.length)
    const instead = call === undefined ? undefined : to(call.parts)
    if (instead !== undefined) found.push(line.slice(0, from) + instead + line.slice(call!.end))
  }
  return found
}

const plainly = (line: string): string[] =>
  line.includes('function ')
    ? []
    : [
        ...calls(line, 'Atomics.load', ([words, at]) => `${words}[${at}]`),
        ...calls(line, 'Atomics.store', ([words, at, value]) => `(${words}[${at}] = ${value})`),
        ...calls(line, 'rcuAssignPointer', ([words, at, value]) => `(${words}[${at}] = ${value})`),
        ...calls(line, 'writeOnce', ([words, at, value]) => `(${words}[${at}] = ${value})`),
        ...calls(line, 'rcuDereference', ([words, at]) => `${words}[${at}]`),
      ]

const load = (words: string, at: string): string => `Atomics.load(${words}, ${at})`

const inTwoSteps = (line: string): string[] =>
  line.includes('function ')
    ? []
    : ['Atomics.compareExchange', 'cmpxchg']
        .flatMap((name) =>
          calls(line, name, ([words, at, expected, value]) =>
            value === undefined
              ? undefined
              : `(${load(words, at)} === (${expected}) ? (Atomics.store(${words}, ${at}, ${value}), (${expected})) : ${load(words, at)})`,
          ),
        )
        .concat(
          ['add', 'sub'].flatMap((name) =>
            calls(line, `Atomics.${name}`, ([words, at, by]) => {
              const sign = name === 'add' ? '+' : '-'
              return `((old) => (Atomics.store(${words}, ${at}, old ${sign} (${by})), old))(${load(words, at)})`
            }),
          ),
          calls(
            line,
            'Atomics.exchange',
            ([words, at, value]) => `((old) => (Atomics.store(${words}, ${at}, ${value}), old))(${load(words, at)})`,
          ),
        )

/** `CALLBACK_MASK` of src/sync/cpu.ts. */
const MASK = 31

const atOnce = (line: string): string[] =>
  line.includes('function ')
    ? []
    : [
        ...calls(
          line,
          'kfreeRcu',
          ([cpu, head]) =>
            `${cpu}.callbacks[${cpu}.words[(${head}) + 1] & ${MASK}](${cpu}, ${head}, ${cpu}.words[(${head}) + 1])`,
        ),
        ...calls(
          line,
          'callRcu',
          ([cpu, head, func]) => `${cpu}.callbacks[(${func}) & ${MASK}](${cpu}, ${head}, ${func})`,
        ),
        ...calls(line, 'synchronizeRcu', () => 'undefined'),
        ...calls(
          line,
          'queueRcuWork',
          ([cpu, head, func]) => `${cpu}.callbacks[(${func}) & ${MASK}](${cpu}, ${head}, ${func})`,
        ),
      ]
