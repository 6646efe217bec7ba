import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { LESSONS } from '../../lessons/lesson-list.ts'
import { browserFile } from '../chromium.ts'
import { skStorage } from '../cli/command.ts'
import { shareOf } from '../share.ts'
import { type Opened, openBrowser, openLink, openPage, stepOf } from './browser.ts'
import { byKeyboard, byMouse, PLAYS } from './hands.ts'

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

  it('says in a sentence why it stays empty when it is opened as a file', async () => {
    const { page } = opened
    await page.goto(pathToFileURL('dist/web/index.html').href)
    await page.getByText('a browser refuses it to a page that was opened as a file').waitFor()
    await page.goto(opened.address)
    await page.waitForSelector('main[aria-busy=false]')
    expect(await page.getByText('has not been loaded').count()).toBe(0)
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
})
