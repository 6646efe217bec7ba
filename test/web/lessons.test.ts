import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { LESSONS } from '../../lessons/lesson-list.ts'
import { skStorage } from '../cli/command.ts'
import { shareOf } from '../share.ts'
import { browserFile, type Opened, openBrowser, openLink, openPage, stepOf } from './browser.ts'
import { byKeyboard, byMouse, PLAYS } from './hands.ts'

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

describe.skipIf(browserFile === undefined)('the lessons, in a browser (skipped where none is installed)', () => {
  let opened: Opened
  beforeAll(async () => {
    opened = await openBrowser()
  })
  afterAll(() => opened.close())

  it.each(shareOf('lessons done', LESSONS, 2))('$id: its task is done by keyboard, and by mouse', async ({ id }) => {
    for (const hands of [byKeyboard, byMouse]) {
      const page = await openPage(opened, `lesson=${id}`)
      expect(await page.locator('.task').textContent()).toMatch(/^Task\./)
      await PLAYS[id](hands(page), page)
      await page.waitForSelector('.task.right')
      expect(opened.errors).toEqual([])
    }
  })

  it('asks what is expected before a search, and compares: a wrong number of outcomes does no task', async () => {
    const page = await openPage(opened, 'lesson=litmus')
    await byKeyboard(page).search({ outcomes: 4 })
    const compared = page.locator('.compared')
    await compared.waitFor()
    expect(await compared.textContent()).toBe(
      'You expected: every interleaving ends well, with 4 different outcomes. It is otherwise.',
    )
    // Known by now: the same program is no question any more.
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Explore every interleaving' }).click()
    await page.waitForSelector('.find table')
    expect(await page.locator('.question, .task.right').count()).toBe(0)
    await page.locator('.own textarea').fill('R x | W x 1; W x 2')
    await page.waitForSelector('main[aria-busy=false]')
    await byMouse(page).search({ outcomes: 3 })
    await page.waitForSelector('.task.right')
    expect(await compared.textContent()).toMatch(/ So it is\.$/)
  })

  it('hands in what was done as a file that the command accepts, with the name that was typed', async () => {
    const page = await openPage(opened, 'lesson=reordering')
    expect(await page.locator('.hand-in').count()).toBe(0)
    for (const id of ['reordering', 'lost-update']) {
      await openLink(opened, `lesson=${id}`)
      await PLAYS[id](byMouse(page), page)
      await page.waitForSelector('.task.right')
    }
    await page.getByLabel('Name').fill('Ada')
    const coming = page.waitForEvent('download')
    await page.getByRole('button', { name: `Save what you have done (2 of ${LESSONS.length})` }).click()
    const download = await coming
    expect(download.suggestedFilename()).toBe('lessons.json')
    const told = await skStorage('lesson-check', await download.path())
    expect({ status: told.status, stderr: told.stderr }).toEqual({ status: 0, stderr: '' })
    expect(told.stdout).toContain(`(Ada): 2 of ${LESSONS.length} tasks done`)
    // What an older page has kept is no proof, and can be done again.
    await page.evaluate(() => localStorage.setItem('sk-storage lesson aba', 'done'))
    await page.reload()
    await page.getByText('1 more were done on an older page').waitFor()
    await openLink(opened, 'lesson=aba')
    await PLAYS.aba(byMouse(page), page)
    await page.getByRole('button', { name: `Save what you have done (3 of ${LESSONS.length})` }).waitFor()
  })

  it('gives hints one by one', async () => {
    const page = await openPage(opened, 'lesson=lost-update')
    const { hints } = LESSONS[0].texts!
    for (const [k, hint] of hints.entries()) {
      expect(await page.locator('.hints p').count()).toBe(k)
      await page.locator('.hints button').click()
      expect(await page.locator('.hints p').last().textContent()).toBe(hint)
      expect(await page.locator('[aria-live]').textContent()).toBe(hint)
    }
    expect(await page.locator('.hints button').count()).toBe(0)
  })

  it('does no task as the page plays on by itself, nor by what stood in a link', async () => {
    const page = await openPage(opened, 'lesson=spin-lock&schedule=S0-')
    await page.keyboard.press('1')
    await page.waitForSelector('.cpu.blocked')
    expect(await page.locator('.task.right').count()).toBe(0)
    await page.getByRole('button', { name: 'Start again' }).click()
    for (let times = 0; times < 4; times++) await page.keyboard.press('1')
    const hands = byKeyboard(page)
    // A wrong answer does not do it either, and the same steps taken once more get another try.
    await hands.answer(1)
    await page.waitForSelector('.missed')
    expect(await page.locator('.task.right, .asked').count()).toBe(0)
    await page.getByRole('button', { name: 'Start again' }).click()
    for (let times = 0; times < 4; times++) await page.keyboard.press('1')
    await hands.answer(3)
    await page.waitForSelector('.task.right')
  })

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

  it('says in a sentence why it stays empty when it is opened as a file', async () => {
    const { page } = opened
    await page.goto(pathToFileURL('dist/web/index.html').href)
    await page.getByText('a browser refuses it to a page that was opened as a file').waitFor()
    await page.goto(opened.address)
    await page.waitForSelector('main[aria-busy=false]')
    expect(await page.getByText('has not been loaded').count()).toBe(0)
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

  it('steps a CPU by its number and searches from the list of lessons and from the slider, too', async () => {
    const page = await openPage(opened, 'lesson=lost-update')
    await page.locator('header select').focus()
    await page.keyboard.press('1')
    await page.getByRole('slider').focus()
    await page.keyboard.press('2')
    expect(await stepOf(page)).toBe(2)
    await page.locator('header select').focus()
    for (const key of ['3', '5', '9']) await page.keyboard.press(key)
    expect(await stepOf(page)).toBe(2)
    expect(await page.locator('header select').inputValue()).toBe('lost-update')
    await byKeyboard(page).search()
    await page.waitForSelector('.verdict.wrong')
    await page.locator('header select').focus()
    await page.keyboard.press('ArrowDown')
    expect(await page.locator('header select').inputValue()).toBe('cmpxchg')
  })

  it('explores the litmus program that is being typed, and says what is wrong with one that cannot be read', async () => {
    const page = await openPage(opened, 'lesson=litmus')
    await page.locator('.own textarea').fill('W x 1 | W x 2 | R x')
    await byMouse(page).search()
    await page.waitForSelector('.find table')
    expect(await page.locator('.find tbody td:first-child').allTextContents()).toContain('CPU 2: x=2; end: x=2')
    await page.locator('.own textarea').fill('W x 4294967296')
    expect(await page.locator('.own .wrong').textContent()).toBe(
      "'4294967296' is no number of 32 bits in 'W x 4294967296' (CPU 0, statement 1)",
    )
  })

  it('keeps what is being typed out of the history, and the field at the program wherever the history leads', async () => {
    const page = await openPage(opened, 'lesson=litmus')
    const field = page.locator('.own textarea')
    const entries = await page.evaluate(() => history.length)
    await field.fill('')
    await field.pressSequentially('R x | W x 12')
    for (const key of ['ArrowLeft', 'Enter', '3']) await field.press(key)
    expect(await field.inputValue()).toBe('R x | W x 132')
    expect(await page.evaluate(() => history.length)).toBe(entries)
    await page.getByRole('button', { name: 'Two increments' }).click()
    await field.fill('A x 1 | Q')
    await page.goBack()
    expect(await field.inputValue()).toBe('R x | W x 132')
    expect(await page.locator('.own .wrong').count()).toBe(0)
  })

  it('shows a litmus program of 60 characters whole', async () => {
    const page = await openPage(opened, 'lesson=litmus')
    const field = page.locator('.own textarea')
    await field.fill('L m; R x; W x 1; U m | L m; R x; W x 2; U m | R x; R y; R zz')
    expect((await field.inputValue()).length).toBe(60)
    expect(await field.evaluate((each: HTMLTextAreaElement) => each.scrollHeight - each.clientHeight)).toBe(0)
  })

  it('says what is wrong with the litmus program of a link, until there is one that can be read', async () => {
    const { page } = opened
    await page.goto(`${opened.address}#lesson=litmus&program=R%20x%20|%20Q`)
    await page.reload()
    await page.waitForSelector('.own .wrong')
    const told = await page.locator('.wrong').allTextContents()
    expect(told).toEqual([expect.stringMatching(/^no statement 'Q', .* in 'Q' \(CPU 1, statement 1\)$/)])
    expect(await page.locator('.verdict').textContent()).toBe('There is nothing to step until the program can be read.')
    await page.locator('.own textarea').fill('R x | R y')
    await page.waitForSelector('main[aria-busy=false]')
    expect(await page.locator('.wrong').count()).toBe(0)
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

  it('fits a phone without scrolling sideways', async () => {
    const page = await openPage(opened, 'lesson=socket-death&schedule=S0---P1--')
    await page.setViewportSize({ width: 390, height: 740 })
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBe(0)
  })
})
