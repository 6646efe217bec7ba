/** Which objects count as leaked, in a memory of many pages of which the threads change few. */
import { describe, expect, it } from 'vitest'
import { check } from '../../../src/explore/explore.ts'
import { ALLOC, ASTORE, FREE, FREE_END } from '../../../src/explore/runtime/kinds.ts'
import { runtime } from '../../../src/explore/runtime/runtime.ts'
import type { Twin } from '../../../src/explore/runtime/twin.ts'

const WORDS = 16_384
const OBJECT = 8_000

/** One thread allocates eight words at OBJECT; what it does with them decides. */
function leakOf(before: (words: Int32Array) => void, then: (words: Int32Array) => Twin<void>): string | undefined {
  const result = check({
    setup() {
      const words = new Int32Array(new SharedArrayBuffer(WORDS * 4))
      before(words)
      return words
    },
    threads: [
      function* (words: Int32Array): Twin<void> {
        runtime.op(ALLOC, 0, words, OBJECT, 8, 'node') || (yield)
        yield* then(words)
      },
      // A second execution must start from the same memory as the first.
      function* (words: Int32Array): Twin<void> {
        yield* store(words, 0, 1)
      },
      function* (words: Int32Array): Twin<void> {
        yield* store(words, 0, 1)
      },
    ],
  })
  return result.violation?.message
}

function* store(words: Int32Array, at: number, value: number): Twin<void> {
  runtime.op(ASTORE, 0, words, at) || (yield)
  Atomics.store(words, at, value)
}

const nothing = function* (): Twin<void> {}
const untouched = (words: Int32Array): void => {
  words[1] = 0
}

describe('an object has leaked', () => {
  const leaked = `nothing refers to node ${OBJECT} any more, and it was not freed`

  it('when no word holds its pointer', () => {
    expect(leakOf(untouched, nothing)).toBe(leaked)
  })

  it('when only it refers to itself, or another that has leaked does', () => {
    const circle = function* (words: Int32Array): Twin<void> {
      runtime.op(ALLOC, 0, words, OBJECT + 64, 8, 'node') || (yield)
      yield* store(words, OBJECT, OBJECT + 64)
      yield* store(words, OBJECT + 64, OBJECT)
    }
    expect(leakOf(untouched, circle)).toBe(leaked)
  })

  it('when the word that setup left with its pointer was overwritten', () => {
    const refers = (words: Int32Array): void => {
      words[12_000] = OBJECT
    }
    expect(leakOf(refers, (words) => store(words, 12_000, 0))).toBe(leaked)
  })

  it('when all that refers to it is an object that was freed', () => {
    const freed = function* (words: Int32Array): Twin<void> {
      runtime.op(ALLOC, 0, words, OBJECT + 64, 8, 'node') || (yield)
      yield* store(words, OBJECT + 64, OBJECT)
      runtime.op(FREE, 0, words, OBJECT + 64) || (yield)
      runtime.op(FREE_END, 0)
    }
    expect(leakOf(untouched, freed)).toBe(leaked)
  })

  it('when all that refers to it is an object of the setup that was freed', () => {
    const made = (words: Int32Array): void => {
      runtime.op(ALLOC, 0, words, OBJECT + 64, 8, 'node')
    }
    const freed = function* (words: Int32Array): Twin<void> {
      yield* store(words, OBJECT + 64, OBJECT)
      runtime.op(FREE, 0, words, OBJECT + 64) || (yield)
      runtime.op(FREE_END, 0)
    }
    expect(leakOf(made, freed)).toBe(leaked)
  })
})

describe('an object has not leaked', () => {
  it('when a list links it by a field within, and it has leaked when it is linked behind its end', () => {
    expect(leakOf(untouched, (words) => store(words, 5, OBJECT + 7))).toBeUndefined()
    expect(leakOf((words) => (words[12_000] = OBJECT + 7), nothing)).toBeUndefined()
    expect(leakOf(untouched, (words) => store(words, 5, OBJECT + 8))).toMatch(/^nothing refers to node/)
    expect(leakOf(untouched, (words) => store(words, 5, OBJECT - 1))).toMatch(/^nothing refers to node/)
  })

  it('when a thread stored its pointer, far from all else', () => {
    expect(leakOf(untouched, (words) => store(words, 16_383, OBJECT))).toBeUndefined()
  })

  it('when a word holds its pointer that setup left and nobody stored to, nor to one near it', () => {
    const refers = (words: Int32Array): void => {
      words[12_000] = OBJECT
    }
    expect(leakOf(refers, nothing)).toBeUndefined()
    expect(leakOf(refers, (words) => store(words, 12_001, 5))).toBeUndefined()
  })

  it('when one that is referred to refers to it', () => {
    const chain = function* (words: Int32Array): Twin<void> {
      runtime.op(ALLOC, 0, words, OBJECT + 64, 8, 'node') || (yield)
      yield* store(words, OBJECT + 64, OBJECT)
      yield* store(words, 300, OBJECT + 64)
    }
    expect(leakOf(untouched, chain)).toBeUndefined()
  })
})
