/** How a reader of the page steps: over calls, out of them, to lines, and what the columns show meanwhile. */

import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { LESSONS } from '../../lessons/lesson-list.ts'
import { filesOf, textOf } from '../../web/plugin/files.ts'
import { functionsOf } from '../../web/plugin/functions.ts'
import { browserFile } from '../chromium.ts'
import { type Opened, openBrowser, openLink, openPage, stepOf } from './browser.ts'
import { byMouse } from './hands.ts'

const textOfPart = (page: Page, part: string) => page.locator(part).allTextContents()

describe('the functions that the columns are named after', () => {
  it('all have a name: one without its own has that of what it stands in', () => {
    const files = ['src/sync', 'src/shared', 'props/scenarios', 'web/scenarios'].flatMap(filesOf)
    const nameless = files.flatMap((file) =>
      functionsOf(textOf(file, ''), file)
        .filter(([name]) => name === '')
        .map(([, line]) => `${file}:${line}`),
    )
    expect(nameless).toEqual([])
    const source =
      'const count = (id) => (words) => { add(words, id, words.add) }\nfunction add() {}\nfunction words() {}'
    expect(functionsOf(source, 'x.ts')).toEqual([
      ['count', 1, 1, ['words', 'add']],
      ['count', 1, 1, ['add', 'words']],
      ['add', 2, 2, []],
      ['words', 3, 3, []],
    ])
  })
})

describe.skipIf(browserFile === undefined)('stepping on the page (skipped without a browser)', () => {
  let opened: Opened
  beforeAll(async () => {
    opened = await openBrowser()
  })
  afterAll(() => opened.close())

  it('keeps the caller in view while what it calls is stepped', async () => {
    const page = await openPage(opened, 'lesson=take-reference&schedule=S0--')
    const titles = async () => (await textOfPart(page, '.box .title')).filter((title) => title.startsWith('CPU 0'))
    expect(await titles()).toEqual(['CPU 0 unlink', 'CPU 0 put'])
  })

  it('keeps the C of a BPF program above the helper that it has called, and goes over that to a line of C', async () => {
    const page = await openPage(opened, 'lesson=packets&schedule=S0-{20}')
    const [first] = await page.locator('.source').all()
    expect(await first.locator('pre.caller .last').textContent()).toMatch(
      /^\d+\s+c = bpf_sk_storage_get\(&egress, sk, 0,/,
    )
    expect(await first.locator('h3 .file').textContent()).toBe('sk-storage-elem.ts')
    expect(await page.locator('.source').last().locator('pre.caller').count()).toBe(0)
    for (let times = 0; times < 40 && (await first.locator('h3 .file').textContent()) !== 'packets.bpf.c'; times++)
      await page.getByRole('button', { name: 'Out of the function: CPU 0' }).click()
    expect(await first.locator('h3 code').textContent()).toBe('count')
    expect(await first.locator('pre .next').textContent()).toMatch(/^\d+\s+__sync_fetch_and_add\(&c->packets, 1\);\s*$/)
    expect(await first.locator('pre.caller').count()).toBe(0)
  })

  it('goes over the allocator in lesson 4 at once, names its words, and names the function of every column', async () => {
    const page = await openPage(opened, 'lesson=publish')
    expect((await textOfPart(page, '.next-step'))[0]).toBe('next: read cpu0 magazine[16] head')
    expect((await textOfPart(page, '.cpu .what'))[0]).toBe('the allocator, folded')
    // One press takes all of it, unless it is unfolded.
    await byMouse(page).step(0)
    expect((await textOfPart(page, '.source h3 code'))[0]).toBe('fillAndPublish')
    const folded = await stepOf(page)
    await page.keyboard.press('Home')
    await page.getByLabel('Fold the allocator').uncheck()
    await byMouse(page).step(0)
    expect(await stepOf(page)).toBe(1)
    await page.keyboard.press('Home')
    const over = page.getByRole('button', { name: 'Over the call: CPU 0' })
    await over.click()
    expect(await stepOf(page)).toBe(folded)
    for (let times = 0; times < 2; times++) await over.click()
    expect((await textOfPart(page, '.next-step'))[0]).toBe('next: store published pointer')
    await byMouse(page).toEnd(0)
    await byMouse(page).toEnd(1)
    expect((await page.locator('.event title').allTextContents()).join()).not.toMatch(/words\[/)
    for (const { id } of LESSONS.filter(({ id }) => id !== 'litmus')) {
      await openLink(opened, `lesson=${id}`)
      expect({ id, names: await textOfPart(page, '.source h3 code') }).not.toMatchObject({
        names: expect.arrayContaining(['']),
      })
    }
  })

  it('goes over a call from its first step, and through it from any later one', async () => {
    const page = await openPage(opened, 'lesson=clone')
    const steps: number[] = []
    for (let times = 0; times < 4; times++) {
      await page.keyboard.press('Shift+Digit1')
      steps.push(await stepOf(page))
    }
    // The check of the socket, the allocator, and then each step of the copy.
    expect(steps).toEqual([1, 10, 11, 12])
  })

  it('steps out of a function, to a line, and to the next change of a word, by keyboard and by mouse', async () => {
    const page = await openPage(opened, 'lesson=publish')
    const functions = () => textOfPart(page, '.source h3 code')
    expect((await functions())[0]).not.toBe('fillAndPublish')
    await page.keyboard.press('o')
    expect((await functions())[0]).toBe('fillAndPublish')
    expect(await page.locator('.cpu.ended').count()).toBe(0)
    // Out of the program itself there is nothing but its end.
    await page.getByRole('button', { name: 'Out of the function: CPU 0' }).click()
    expect(await page.locator('.cpu.ended').count()).toBe(1)
    const told = () => page.locator('[aria-live]').textContent()
    await openLink(opened, 'lesson=lost-update')
    await page.keyboard.press('l')
    await page.keyboard.type('1')
    await page.keyboard.press('Enter')
    expect(await told()).toBe('CPU 0 has no step in line 1 before it ends or waits.')
    expect(await stepOf(page)).toBe(0)
    await page.locator('.source').last().locator('.line', { hasText: 'Atomics.store' }).locator('.number').click()
    expect(await stepOf(page)).toBe(1)
    await page.getByRole('button', { name: /^counter 0/ }).click()
    await page.keyboard.press('w')
    expect(await stepOf(page)).toBe(2)
    expect((await textOfPart(page, '.verdict'))[0]).toContain('CPU 1: store counter: 0 → 1')
    await page.keyboard.press('Home')
    await page.getByRole('button', { name: 'Next change' }).click()
    expect(await stepOf(page)).toBe(2)
    await page.keyboard.press('w')
    expect(await told()).toBe('CPU 1 can’t go on.')
  })
})
