// A table that whoever needs it first makes, in memory that all share. Word 0 is where it stands, 0 as long as there is
// none. In every interleaving: sk-storage explore examples/explorer/lazy-table.js

const TABLE = 0
const NEXT = 1 // the next free word
const SIZE = 2

/** Takes memory for a table and fills it. */
function make(words) {
  const table = Atomics.add(words, NEXT, SIZE)
  for (let i = 0; i < SIZE; i++) words[table + i] = 100 + i
  return table
}

/** The table, made if there is none. Who comes second takes the first one's, and its own is left over. */
function table(words) {
  const known = Atomics.load(words, TABLE)
  if (known !== 0) return known
  const mine = make(words)
  const before = Atomics.compareExchange(words, TABLE, 0, mine)
  return before === 0 ? mine : before
}

/** Looks, and then stores: two may have looked before one of them stored. */
function tableByLooking(words) {
  const known = Atomics.load(words, TABLE)
  if (known !== 0) return known
  const mine = make(words)
  Atomics.store(words, TABLE, mine)
  return mine
}

const scenario = (table) => {
  const use = (words) => {
    const mine = table(words)
    return [mine, words[mine + 1]]
  }
  return {
    setup: () => {
      const words = new Int32Array(new SharedArrayBuffer(4 * (2 + 2 * SIZE)))
      words[NEXT] = 2
      return words
    },
    threads: [use, use],
    after: (_, [[one, entry], [other, another]]) => one === other && entry === 101 && another === 101,
  }
}

export const lazyTable = scenario(table)
export const twoTables = scenario(tableByLooking)
