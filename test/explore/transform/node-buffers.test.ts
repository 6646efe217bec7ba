/**
 * Node's Buffer over shared memory: what its methods touch is what is announced, byte for byte, and they give what they
 * give untouched.
 */

import { expect, it } from 'vitest'
import { check } from '../../../src/explore/explore.ts'
import { KINDS } from '../../../src/explore/runtime/kinds.ts'
import { runtime } from '../../../src/explore/runtime/runtime.ts'
import { twinOf } from '../../../src/explore/runtime/twin.ts'
import { instrumented } from '../support/source.ts'

type Run = (b: Buffer, p: Buffer) => unknown

/** What a call of `run` announces, as text, and what it gives. */
function followed(run: Run, b: Buffer, p: Buffer): { events: string[]; value: unknown } {
  const events: string[] = []
  const before = runtime.install({
    turn: () => true,
    op: (kind, _site, view, index, to) => {
      const { byteOffset, BYTES_PER_ELEMENT: size } = view as Uint8Array
      const [from, end] = typeof to === 'number' ? [index, to] : [index, index + 1]
      return events.push(`${KINDS[kind].name} ${byteOffset + from * size}..${byteOffset + end * size}`) > 0
    },
    plain() {},
    refuse(_, reason) {
      throw new Error(reason)
    },
  })
  runtime.running = true
  try {
    const twin = twinOf(run)!(b, p)
    for (let step = twin.next(true); ; step = twin.next(true)) if (step.done) return { events, value: step.value }
  } finally {
    runtime.running = false
    runtime.install(before)
  }
}

const made = (text: string): Buffer => {
  const b = Buffer.from(new SharedArrayBuffer(16))
  b.write(text, 'latin1')
  return b
}
const private_ = () => Buffer.from('0123456789')

const read = (from: number, to: number) => `range read ${from}..${to}`
const write = (from: number, to: number) => `range write ${from}..${to}`

const cases: [expression: string, events: string[]][] = [
  ['b.toString()', [read(0, 16)]],
  ["b.toString('latin1', 2, 5)", [read(2, 5)]],
  ["b.toString('hex', -3, 99)", [read(0, 16)]],
  ["b.toString('utf8', 0, 0)", []],
  ['b.subarray(4, 8).toString()', [read(4, 8)]],
  ['b.latin1Slice(1, 3)', [read(1, 3)]],
  ['b.toJSON()', [read(0, 16)]],
  ['b.equals(p)', [read(0, 16)]],
  ['p.compare(b)', [read(0, 16)]],
  ["b.indexOf('c')", [read(0, 16)]],
  ['b.readUInt8(3)', [read(3, 4)]],
  ['b.readInt32LE()', [read(0, 4)]],
  ['b.readBigUInt64BE(8)', [read(8, 16)]],
  ['b.readDoubleLE(4)', [read(4, 12)]],
  ['b.readFloatBE(12)', [read(12, 16)]],
  ['b.readUIntBE(2, 3)', [read(2, 5)]],
  ['b.readUint16LE(14)', [read(14, 16)]],
  ['b.writeUInt8(7, 3)', [write(3, 4)]],
  ['b.writeInt32BE(-2)', [write(0, 4)]],
  ['b.writeBigInt64LE(5n, 8)', [write(8, 16)]],
  ['b.writeDoubleBE(1.5, 4)', [write(4, 12)]],
  ['b.writeIntLE(9, 2, 6)', [write(2, 8)]],
  ["b.write('xyz')", [write(0, 3)]],
  ["b.write('xyz', 14)", [write(14, 16)]],
  ["b.write('xyz', 4, 2)", [write(4, 6)]],
  ["b.write('ff00', 4, 'hex')", [write(4, 6)]],
  ["b.write('ff00', 'hex')", [write(0, 2)]],
  // The second character of three bytes does not fit, and is not begun.
  ["b.write('\\u20ac\\u20ac', 12)", [write(12, 15)]],
  ['b.fill(1)', [write(0, 16)]],
  ["b.fill('ab', 2, 5)", [write(2, 5)]],
  ['b.copy(p)', [read(0, 10)]],
  ['b.copy(p, 8)', [read(0, 2)]],
  ['b.copy(p, 0, 3, 5)', [read(3, 5)]],
  ['p.copy(b, 12)', [write(12, 16)]],
  ['b.copy(b, 8, 0, 4)', [read(0, 4), write(8, 12)]],
  ['b.copy(b, 99)', []],
  ['b.swap16()', [read(0, 16), write(0, 16)]],
  ['b.slice(2, 4).length', []],
  ['Buffer.concat([b.subarray(0, 4), p])', [read(0, 4)]],
  ['Buffer.compare(b, p)', [read(0, 16)]],
  ['Buffer.from(b.subarray(3, 5))', [read(3, 5)]],
  ['Buffer.from(b.buffer, 2, 4).length', []],
  ['Buffer.isBuffer(b)', []],
  ['Buffer.byteLength(b)', []],
  ["new StringDecoder('utf8').write(b.subarray(1, 4))", [read(1, 4)]],
]

it.each(cases)('%s', async (expression, events) => {
  const text = `import { StringDecoder } from 'node:string_decoder'\nexport function run(b, p) { return ${expression} }`
  const { run } = await instrumented(text, {}, 'source.mjs')
  const [plain, twins] = [made('abcdefghijklmnop'), made('abcdefghijklmnop')]
  const [left, mine] = [private_(), private_()]
  const expected = (run as Run)(plain, left)
  expect(followed(run as Run, twins, mine)).toEqual({ events, value: expected })
  expect([twins.toString('hex'), mine.toString()]).toEqual([plain.toString('hex'), left.toString()])
  // What changes is what was announced, and nothing beside it.
  const announced = events.flatMap((event) => {
    const found = /write (\d+)\.\.(\d+)/.exec(event)
    return found === null ? [] : [[Number(found[1]), Number(found[2])]]
  })
  for (const [at, byte] of [...twins].entries()) {
    if (announced.some(([from, to]) => at >= from && at < to)) continue
    expect(byte).toBe(made('abcdefghijklmnop')[at])
  }
})

it.each(['b.readInt32LE(13)', 'b.readUIntBE(0, 7)', 'b.copy(p, -1)', "b.write('x', 17)", 'b.writeUInt8(256)'])(
  'what throws in Node throws as there: %s',
  async (expression) => {
    const { run } = await instrumented(`export function run(b, p) { return ${expression} }`, {}, 'source.js')
    const message = (work: () => unknown) => {
      try {
        return [work()]
      } catch (error) {
        return (error as Error).message
      }
    }
    expect(message(() => followed(run as Run, made(''), private_()))).toBe(
      message(() => (run as Run)(made(''), private_())),
    )
  },
)

it('a copy into shared memory races with one who reads it', async () => {
  const { writer, reader } = await instrumented(
    `export const writer = ({ b }) => Buffer.from('ab').copy(b)\nexport const reader = ({ b }) => b.toString('latin1', 0, 2)`,
    {},
    'source.js',
  )
  const { violation } = check({ setup: () => ({ b: made('') }), threads: [writer, reader] })
  expect(violation).toMatchObject({ kind: 'data-race' })
})
