/**
 * Names of words as the layouts give them: `elem 4144 word 3` becomes `elem 4144 snode.pprev`, as the kernel calls it.
 */

import type { Lesson } from '../../lessons/lesson.ts'
import { BUCKET, SELEM, SK_STORAGE } from '../../src/shared/records.ts'
import { KERNEL_NAMES } from '../picture/kernel-names.ts'
import { wordName } from './word-names.ts'

/** By lesson: what the small programs' objects are called, and their words. */
const SMALL: Readonly<Record<string, { readonly object: string; readonly words: readonly string[] }>> = {
  'spin-lock': { object: 'value', words: ['packets', 'bytes', 'value.lock'] },
  'take-reference': { object: 'object', words: ['value', 'refcount'] },
  'rcu-barrier': { object: 'object', words: ['value', 'module', 'rcu.next', 'rcu.func'] },
}

/**
 * A sentence of the explorer's with its words named. The lesson says whether the program has sockets and elements;
 * other programs use the same kinds for records of their own. `words` is its memory.
 */
export function withFieldNames(
  text: string,
  { id, picture }: Pick<Lesson, 'id' | 'picture'>,
  words: Int32Array | undefined,
): string {
  if (id === 'litmus' || words === undefined) return text
  const plain = text
    // What is being made is no object yet.
    .replace(/\balloc words\[(\d+)\]/g, 'alloc @$1')
    .replace(/\bwords\[(\d+)\]/g, (whole, at: string) => wordName(words, Number(at)) ?? whole)
  if (picture !== 'storage')
    return plain.replace(/\b(elem|file|prog) \d+( word (\d+))?/g, (_, kind: string, __, word: string) =>
      kind !== 'elem' ? 'published pointer' : (SMALL[id]?.words[Number(word)] ?? SMALL[id]?.object ?? 'object'),
    )
  return (
    plain
      // What is made or freed is the object, not its first word.
      .replace(/\b(alloc|free) (\w+ \d+) word 0\b/g, '$1 $2')
      .replace(/\b(\w+) (\d+) word (\d+)/g, (whole, kind: string, pointer: string, word: string) => {
        const at = Number(word)
        if (kind === 'storage' && at < SK_STORAGE.list) return `storage ${pointer} cache[${at}]`
        if (kind === 'buckets') {
          const what = at % BUCKET.SIZE === BUCKET.lock ? 'lock' : 'list'
          return `bucket ${Math.floor(at / BUCKET.SIZE)} ${what}`
        }
        if (kind === 'elem' && at > SELEM.value) return `elem ${pointer} sdata.data[${at - SELEM.value}]`
        const name = KERNEL_NAMES[kind]?.get(at)
        return name === undefined ? whole : `${kind} ${pointer} ${name}`
      })
  )
}
