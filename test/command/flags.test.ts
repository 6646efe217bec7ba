import { describe, expect, it } from 'vitest'
import { alsoNamed, duration, integer, many, oneOf, optional, text, toggle } from '../../src/command/flag-kinds.ts'
import { helpOf, parseFlags } from '../../src/command/flags.ts'

const FLAGS = {
  cpus: integer('CPUs', 4, 1, 254),
  shift: integer('an offset', 0, -10, 10),
  seed: optional(integer('', 0, 0, 9), 'where choices begin'),
  case: many(text('NAME', 'only this')),
  seconds: alsoNamed('minutes', duration('seconds', 'how long', 5), (_, minutes) => 60 * Number(minutes)),
  all: { ...toggle('all of them'), short: 'a' },
  json: { ...toggle('JSON'), short: 'j' },
}

const read = (line: string, most?: number, words?: string) =>
  parseFlags(
    line.split(' ').filter((word) => word !== ''),
    FLAGS,
    most,
    words,
  )

const sentence = (line: string) => {
  try {
    read(line, 1, 'one file')
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message}`
  }
  return 'none'
}

describe('a command line', () => {
  it('has initial values for what is not given', () => {
    const { values, words, given } = read('')
    expect(values).toEqual({ cpus: 4, shift: 0, seed: undefined, case: [], seconds: 5, all: false, json: false })
    expect([words, given.size]).toEqual([[], 0])
  })

  it('has flags by their older names, which may count in another unit', () => {
    expect(read('--seconds 7').values.seconds).toBe(7)
    const { values, given } = read('--minutes 2')
    expect([values.seconds, [...given]]).toEqual([120, ['seconds']])
    expect(read('--seconds 7 --minutes=1').values.seconds).toBe(60)
    expect(sentence('--minutes --json')).toBe('UsageError: --minutes: got no value, expected --minutes S')
    expect(sentence('--seconds --minutes 2')).toBe('UsageError: --seconds: got no value, expected --seconds S')
  })

  it('has flags in any order, with a blank or an equals sign, and words between them', () => {
    const { values, words, given } = read('--cpus 2 file --seed=3 --json', 1)
    expect(values).toMatchObject({ cpus: 2, seed: 3, json: true, all: false })
    expect(words).toEqual(['file'])
    expect([...given]).toEqual(['cpus', 'seed', 'json'])
  })

  it('puts the values of a flag together that may be given more than once; of others the last counts', () => {
    expect(read('--case a --cpus 2 --case b --cpus 3').values).toMatchObject({ case: ['a', 'b'], cpus: 3 })
  })

  it('has letters, also several behind one dash', () => {
    expect(read('-aj').values).toMatchObject({ all: true, json: true })
  })

  it('takes a number below zero for a value, and a dash alone', () => {
    expect(read('--shift -3 --case -').values).toMatchObject({ shift: -3, case: ['-'] })
  })

  it('has only words behind two dashes', () => {
    expect(read('-- --json', 1).words).toEqual(['--json'])
  })
})

describe('a command line that makes no sense gets one sentence', () => {
  const all = '--cpus, --shift, --seed, --case, --seconds, --all or --json'
  it.each([
    ['--cpu 3', 'got the unknown flag --cpu, expected --cpus'],
    ['--verbose', `got the unknown flag --verbose, expected ${all}`],
    ['-x', `got the unknown flag -x, expected ${all}`],
    ['-ax', `got the unknown flag -x, expected ${all}`],
    ['--no-json', `got the unknown flag --no-json, expected ${all}`],
    ['--__proto__', `got the unknown flag --__proto__, expected ${all}`],
    ['--json=yes', '--json: got a value, expected none'],
    ['--cpus', '--cpus: got no value, expected --cpus N'],
    ['--cpus --json', '--cpus: got no value, expected --cpus N'],
    ['--cpus -j', '--cpus: got no value, expected --cpus N'],
    ['--case --jsn', "--case: got '--jsn', expected --case NAME"],
    ['--cpus=', "--cpus: got '', expected an integer from 1 to 254"],
    ['--cpus -3', "--cpus: got '-3', expected an integer from 1 to 254"],
    ['one two', "got 'two', expected one file"],
  ])('%s', (line, expected) => {
    expect(sentence(line)).toBe(`UsageError: ${expected}`)
  })

  it('and so does a word where none is taken', () => {
    expect(() => read('file')).toThrow("got 'file', expected only flags")
  })
})

it('lists flags for --help, with their letters and what they take', () => {
  const { cpus, all } = FLAGS
  expect(helpOf({ cpus, all, how: oneOf('how', ['this', 'that']) })).toBe(
    ['  --cpus N         CPUs (4)', '  -a, --all        all of them', '  --how this|that  how (this)'].join('\n'),
  )
})
