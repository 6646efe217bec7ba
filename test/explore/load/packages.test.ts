/**
 * Whole packages as published, instrumented: on one thread they do what they do untouched.
 */

import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { loadInstrumented } from '../../../src/explore/load/load.ts'
import { runTwin } from '../support/alone.ts'
import { type Exports, withFiles } from '../support/source.ts'

const installed = fileURLToPath(new URL('../../../node_modules', import.meta.url))
const sharedmap = join(installed, 'sharedmap/index.js')
const ringbuf = join(installed, 'ringbuf.js/dist/index.mjs')

/** A program that uses a package through the twin, and its result. The program is instrumented with it. */
async function both(file: string, program: string) {
  const files = { 'program.mjs': `import * as all from ${JSON.stringify(file)}\n${program}` }
  return withFiles(files, async (folder) => {
    const plain = (await import(/* @vite-ignore */ join(folder, 'program.mjs'))) as Exports
    const twins = (await loadInstrumented(join(folder, 'program.mjs'))) as Exports
    return { plain: plain.run(plain.setup()), outcome: runTwin(twins.run, [twins.setup()]) }
  })
}

describe('sharedmap 1.2.0', () => {
  const program = `
    const SharedMap = all.default
    export const setup = () => new SharedMap(16, 8, 8)
    export function run(map) {
      const out = []
      for (let i = 0; i < 10; i++) map.set('key' + i, i * i)
      for (let i = 0; i < 11; i++) out.push(map.get('key' + i), map.has('key' + i))
      map.set('key3', 'nine'); map.delete('key4'); out.push(map.length, map.size, map.get('key3'))
      try { map.delete('nope') } catch (e) { out.push(e.message) }
      try { map.set('far too long a key', 1) } catch (e) { out.push(e.message) }
      out.push([...map.keys()], map.map((v, k) => k + '=' + v), map.reduce((a, v) => a + v.length, 0))
      map.lockWrite(); for (const k of map.keys({ lockWrite: true })) map.set(k, map.get(k, { lockWrite: true }) + '!', { lockWrite: true }); map.unlockWrite()
      out.push(map.get('key5')); map.clear(); out.push(map.length, map.stats)
      return [out, [...new Uint8Array(map.storage)]]
    }`
  it('stores, finds, overwrites, deletes and iterates as it does untouched', async () => {
    const { plain, outcome } = await both(sharedmap, program)
    expect(outcome.error).toBeUndefined()
    expect(outcome.value).toEqual(plain)
    expect(outcome.events.length).toBeGreaterThan(1000)
  })
})

describe('magic-string', () => {
  const program = `
    export const setup = () => 'let a = 1;\\nfoo(a)'
    export function run(text) {
      const s = new all.default(text); s.overwrite(4, 5, 'bb').append('!').prepend('//x\\n').move(0, 4, 11)
      return [s.toString(), s.generateMap({ hires: true }).mappings, s.slice(4, 10)]
    }`
  it('edits and maps as it does untouched, though it touches nothing shared', async () => {
    const { plain, outcome } = await both(join(installed, 'magic-string/dist/index.mjs'), program)
    expect(outcome).toEqual({ value: plain, events: [] })
  })
})

describe('ringbuf.js', () => {
  const program = `
    const { RingBuffer, AudioWriter, AudioReader, ParameterWriter, ParameterReader } = all
    export const setup = () => new RingBuffer(RingBuffer.getStorageForCapacity(31, Uint8Array), Uint8Array)
    export function run(ring) {
      const out = [ring.type(), ring.capacity(), ring.empty(), ring.full()]
      const bytes = Uint8Array.from({ length: 20 }, (_, i) => i + 1)
      for (let round = 0; round < 5; round++) {
        const got = new Uint8Array(20)
        out.push(ring.push(bytes), ring.push(bytes, 9, 3), ring.availableRead(), ring.available_write(), ring.pop(got, 7 + round), [...got], ring.pop(got), [...got])
      }
      out.push(ring.writeCallback(5, (a, b) => { a[0] = 200; b.fill(7); return a.length }), ring.writeCallbackWithOffset(2, (all, at, n) => { all[at] = 99; return 1 }))
      const param = new ParameterWriter(ring), reader = new ParameterReader(ring), o = {}
      const drain = new Uint8Array(40); ring.pop(drain)
      out.push([...drain], param.enqueueChange(3, 0.5), reader.dequeueChange(o), o, reader.dequeue_change(o))
      return [out, [...new Uint8Array(ring.buf)]]
    }`
  it('pushes and pops as it does untouched', async () => {
    const { plain, outcome } = await both(ringbuf, program)
    expect(outcome.error).toBeUndefined()
    expect(outcome.value).toEqual(plain)
    expect(outcome.events.length).toBeGreaterThan(300)
  })
})
