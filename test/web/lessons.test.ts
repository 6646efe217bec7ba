import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { LESSONS } from '../../web/lessons/lesson-list.ts'
import { browserFile, type Opened, openBrowser, openPage } from './browser.ts'
import { byKeyboard, byMouse, PLAYS } from './hands.ts'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** What axe finds serious or critical, as 'rule: element'. */
async function seriousFindings(page: Page): Promise<string[]> {
  await page.evaluate(axe)
  return page.evaluate(async () => {
    interface Axe {
      run(): Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }>
    }
    const { violations } = await (globalThis as unknown as { axe: Axe }).axe.run()
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .flatMap(({ id, nodes }) => nodes.slice(0, 3).map(({ html }) => `${id}: ${html.slice(0, 160)}`))
  })
}

describe.skipIf(browserFile === undefined)('the lessons, in a browser (skipped where none is installed)', () => {
  let opened: Opened
  beforeAll(async () => {
    opened = await openBrowser()
  })
  afterAll(() => opened.close())

  it.each(LESSONS)('$id: its task is done by keyboard, and by mouse', async ({ id }) => {
    for (const hands of [byKeyboard, byMouse]) {
      const page = await openPage(opened, `lesson=${id}`)
      expect(await page.locator('.task').textContent()).toMatch(/^Task\./)
      await PLAYS[id]!(hands(page), page)
      await page.waitForSelector('.task.right')
      expect(opened.errors).toEqual([])
    }
  })

  it.each(['light', 'dark'] as const)('has no serious finding of axe in a %s page', async (colorScheme) => {
    const page = await openPage(opened, 'lesson=spin-lock&schedule=S0--P1')
    await page.emulateMedia({ colorScheme })
    expect(await seriousFindings(page)).toEqual([])
    await page.goto(`${opened.address}#lesson=cache-slot&broken=stale-cache&schedule=S0-----`)
    await page.waitForSelector('.diff')
    await page.waitForSelector('main[aria-busy=false]')
    expect(await seriousFindings(page)).toEqual([])
  })

  it('says in a sentence why it stays empty when it is opened as a file', async () => {
    const { page } = opened
    await page.goto(pathToFileURL('dist/web/index.html').href)
    await page.getByText('a browser refuses it to a page that was opened as a file').waitFor()
    await page.goto(opened.address)
    await page.waitForSelector('main[aria-busy=false]')
    expect(await page.getByText('has not been loaded').count()).toBe(0)
  })

  it('fits a phone without scrolling sideways', async () => {
    const page = await openPage(opened, 'lesson=socket-death&schedule=S0---P1--')
    await page.setViewportSize({ width: 360, height: 740 })
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBe(0)
  })
})
