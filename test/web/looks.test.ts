/** How the page looks: light and dark, on a small screen and on a phone; and what axe finds. */

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { LESSONS } from '../../lessons/lesson-list.ts'
import { browserFile } from '../chromium.ts'
import { shareOf } from '../share.ts'
import { type Opened, openBrowser, openLink, openPage, stepOf } from './browser.ts'
import { byKeyboard } from './hands.ts'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** What axe finds, as 'rule: element'. */
async function findingsOf(page: Page): Promise<string[]> {
  await page.evaluate(axe)
  return page.evaluate(async () => {
    interface Axe {
      run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }>
    }
    const { violations } = await (globalThis as unknown as { axe: Axe }).axe.run()
    return violations.flatMap(({ id, nodes }) => nodes.slice(0, 3).map(({ html }) => `${id}: ${html.slice(0, 160)}`))
  })
}

describe.skipIf(browserFile === undefined)('how the page looks (skipped without a browser)', () => {
  let opened: Opened
  beforeAll(async () => {
    opened = await openBrowser()
  })
  afterAll(() => opened.close())

  const PHONE = { width: 390, height: 844 }
  const LOOKS = [
    { look: 'light', colorScheme: 'light', viewport: undefined },
    { look: 'dark', colorScheme: 'dark', viewport: undefined },
    { look: 'phone', colorScheme: 'light', viewport: PHONE },
  ] as const
  it.each(LOOKS)('has no finding of axe: $look', async ({ look, colorScheme, viewport }) => {
    const lessons = shareOf(`lessons that axe looks at, ${look}`, LESSONS, 1).map(({ id }) => `lesson=${id}`)
    // A question, a diff, and what a load may read stand in these.
    const others = ['lesson=spin-lock&schedule=S0--', 'lesson=reordering&broken=plain-accesses&schedule=S0P1']
    for (const place of [...lessons, ...others]) {
      const page = await openPage(opened, place)
      await page.emulateMedia({ colorScheme })
      if (viewport !== undefined) await page.setViewportSize(viewport)
      if (place.includes('broken')) await page.waitForSelector('.diff')
      if (place.includes('spin-lock&')) {
        await page.keyboard.press('Home')
        for (let times = 0; times < 4; times++) await page.keyboard.press('1')
        await page.waitForSelector('.asked')
      }
      expect({ place, found: await findingsOf(page) }).toEqual({ place, found: [] })
    }
  })

  it.each(['light', 'dark'] as const)(
    'has drawings in a %s page whose lines stand out three to one',
    async (scheme) => {
      const page = await openPage(opened, 'lesson=cache-slot&schedule=S0-{12}P1-{30}')
      await page.emulateMedia({ colorScheme: scheme })
      const lines = await page.evaluate(() => {
        const styleOf = (part: string, name: 'fill' | 'stroke' | 'backgroundColor' | 'opacity') =>
          getComputedStyle(document.querySelector(part)!)[name]
        const drawn = ['.body', '.cell', '.rail', '.arrow', '.arrow.back', '.cursor'].map((part) => {
          return [part, styleOf(part, 'stroke'), Number(styleOf(part, 'opacity'))] as const
        })
        const filled = ['.event.store .mark', '.bar.section', '.bar.lock', '.box text', '.column'].map((part) => {
          return [part, styleOf(part, 'fill'), 1] as const
        })
        return {
          ground: [styleOf('.memory', 'backgroundColor'), styleOf('.body', 'fill')],
          shown: [...drawn, ...filled],
        }
      })
      const parts = (colour: string) =>
        colour
          .match(/[\d.]+/g)!
          .slice(0, 3)
          .map(Number)
      const light = (rgb: readonly number[]) => {
        const [r, g, b] = rgb.map((c) => (c / 255 <= 0.03928 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4))
        return 0.2126 * r + 0.7152 * g + 0.0722 * b
      }
      const weak = lines.shown.flatMap(([part, colour, opacity]) =>
        lines.ground.flatMap((ground) => {
          const mixed = parts(colour).map((c, k) => c * opacity + parts(ground)[k] * (1 - opacity))
          const [high, low] = [light(mixed), light(parts(ground))].sort((a, b) => b - a)
          const ratio = (high + 0.05) / (low + 0.05)
          return ratio < 3 ? [`${part} on ${ground}: ${ratio.toFixed(2)}`] : []
        }),
      )
      expect(lines.shown).toHaveLength(11)
      expect(weak).toEqual([])
    },
  )

  it('has the task, code, lanes and the beginning of the memory on one screen of 1280 by 720, in every lesson', async () => {
    const page = await openPage(opened, '')
    await page.setViewportSize({ width: 1280, height: 720 })
    for (const lesson of LESSONS) {
      await openLink(opened, `lesson=${lesson.id}`)
      const [controls, verdict, code, lanes, memory] = await page
        .locator('.controls, .verdict, .sources, .timeline, .memory')
        .evaluateAll((parts) =>
          parts.map((part) => part.getBoundingClientRect()).map(({ top, bottom }) => ({ top, bottom })),
        )
      const task = await page.locator('.task').evaluate((part) => part.getBoundingClientRect().bottom)
      expect({ lesson: lesson.id, inView: task <= 720 }).toEqual({ lesson: lesson.id, inView: true })
      expect(lanes.bottom).toBeLessThan(600)
      expect(memory.top).toBeLessThan(600)
      // No band that is empty: what comes next begins where the last ended, and the verdict has words.
      for (const [above, below] of [
        [controls, verdict],
        [verdict, code],
        [code, lanes],
        [lanes, memory],
      ])
        expect(below.top - above.bottom).toBeLessThanOrEqual(10)
      // With a row for what a load may read.
      expect(controls.bottom - controls.top).toBeLessThan(lesson.memory === undefined ? 110 : 140)
      expect(await page.locator('.verdict').textContent()).not.toBe('')
    }
    await openLink(opened, 'lesson=socket-death&schedule=S0-----P1----')
    const boxes = await page.locator('.box').evaluateAll((all) => all.map((box) => box.getBoundingClientRect().bottom))
    expect(boxes.length).toBeGreaterThanOrEqual(4)
    expect(Math.max(...boxes)).toBeLessThan(720)
  })

  it('keeps its sources in place whatever the CPUs and the verdict say', async () => {
    const page = await openPage(opened, 'lesson=cache-slot&broken=stale-cache')
    await byKeyboard(page).search()
    await page.waitForSelector('.verdict.wrong')
    const end = await stepOf(page)
    const heights = new Set<number>()
    for (const step of [0, 1, end - 18, end - 17, end - 8, end]) {
      await page.getByRole('slider').fill(`${step}`)
      await page.waitForSelector(`[data-step="${step}"]`, { state: 'attached' })
      heights.add(Math.round((await page.locator('.source').first().boundingBox())!.y))
    }
    expect(heights.size).toBe(1)
  })

  it('has the desk beside whatever it moves on a phone, and what can be broken above the sources', async () => {
    const page = await openPage(opened, 'lesson=cache-slot&schedule=S0---')
    await page.setViewportSize({ width: 390, height: 844 })
    await page.waitForSelector('.break')
    const tops = await page
      .locator('.verdict, .break, .find, .sources, .memory')
      .evaluateAll((parts) =>
        parts.map((part) => [part.getBoundingClientRect().top, part.classList[0]] as const).sort(([a], [b]) => a - b),
      )
    expect(tops.map(([, part]) => part)).toEqual(['verdict', 'break', 'find', 'sources', 'memory'])
    for (const part of ['.source', '.memory']) {
      await page.locator(part).first().scrollIntoViewIfNeeded()
      const { y, height } = (await page.locator('.controls').boundingBox())!
      expect(y + height).toBe(844)
      expect(height).toBeLessThan(844 / 4)
    }
    await page.locator('header select').focus()
    const reached = new Set<string>()
    for (let times = 0; times < 30; times++) {
      await page.keyboard.press('Tab')
      reached.add(await page.evaluate(() => document.activeElement?.textContent ?? ''))
    }
    expect([...reached]).toEqual(
      expect.arrayContaining(['Cache without looking again', 'Explore every interleaving', 'To end']),
    )
  })

  it('has the buttons of callbacks in view on a phone once the CPUs have ended', async () => {
    const page = await openPage(opened, 'lesson=two-creators&schedule=S0-{73}P1-{77}S0-{18}')
    await page.setViewportSize(PHONE)
    const { x, width } = (await page.getByRole('button', { name: /^To end: callback 1 of CPU 0/ }).boundingBox())!
    expect(x).toBeGreaterThan(0)
    expect(x + width).toBeLessThanOrEqual(PHONE.width)
    expect(await page.locator('.cpu.ended').count()).toBe(2)
    expect((await page.locator('.controls').boundingBox())!.height).toBeLessThan(844 / 4)
  })

  it('fits a phone without scrolling sideways', async () => {
    const page = await openPage(opened, 'lesson=socket-death&schedule=S0---P1--')
    await page.setViewportSize({ width: 390, height: 740 })
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBe(0)
  })
})
