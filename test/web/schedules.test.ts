import { execFileSync, spawnSync } from 'node:child_process'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Lesson } from '../../lessons/lesson.ts'
import { LESSONS } from '../../lessons/lesson-list.ts'
import { setting } from '../../props/scenarios/setting.ts'
import { readReplayLine } from '../../src/explore/schedule/replay-line.ts'
import { withFieldNames } from '../../web/view/field-names.ts'
import { browserFile } from '../chromium.ts'
import { skStorageInTurn } from '../cli/command.ts'
import { shareOf } from '../share.ts'
import { type Opened, openBrowser, openPage, stepOf } from './browser.ts'
import { executionsOf, type PrintedStep, printed } from './command.ts'
import { byKeyboard } from './hands.ts'

/** Of a memory as all lessons have it: what has no name of its own is named by where it lies. */
const { words } = setting().memory

/** Steps that the page lists at a time. */
const LISTED = 14

/** The page's last steps as it lists them, oldest first. */
const eventsOf = async (page: Page): Promise<string[]> =>
  (await page.locator('.events li').allTextContents()).map((text) => text.replace(/\s+/g, ' ').trim()).reverse()

/** Every step, in the words that its mark in the lanes has. */
const marksOf = (page: Page): Promise<string[]> => page.locator('.event title').allTextContents()

/** A step of the command's in the words of the page. `label`: who takes it, as schedules say it. */
function asListed({ operation, place, before, after, stores }: PrintedStep, label: string, lesson: Lesson): string {
  const [cpu, callback] = label.split('.')
  const name = callback === undefined ? `CPU ${cpu}` : `callback ${callback} of CPU ${cpu}`
  const silent = before === '' || /^(un)?lock$/.test(operation)
  const failed = operation === 'cas' && !stores
  const value = silent
    ? ''
    : failed
      ? `: found ${before}, not stored`
      : stores
        ? `: ${before} → ${after}`
        : ` = ${before}`
  return `${name}: ${withFieldNames(`${operation}${place && ` ${place}`}${value}`, lesson, words)}`
}

/** Everything that the page shows of a moment. */
const shownBy = (page: Page): Promise<string> =>
  page.evaluate(() =>
    ['.cpus', '.verdict', '.memory', '.events', '.next-step']
      .flatMap((part) => [...document.querySelectorAll(part)].map((each) => each.textContent))
      .join('\n'),
  )

describe.skipIf(browserFile === undefined)('schedules in a browser (skipped where none is installed)', () => {
  let opened: Opened
  beforeAll(async () => {
    opened = await openBrowser()
  })
  afterAll(() => opened.close())

  it('replays what the command found, step for step', async () => {
    const [result] = await printed('explore', 'web/scenarios/lost-update.ts')
    const { replay, steps } = result.violation!
    const page = await openPage(opened, `replay=${encodeURIComponent(replay)}`)
    const wanted = steps.map(
      ({ operation, before, after }, k) =>
        `${k + 1} CPU ${[0, 1, 1, 0][k]}: ${operation} counter${operation === 'store' ? `: ${before} → ${after}` : ` = ${before}`}`,
    )
    expect(wanted).toHaveLength(4)
    expect(await eventsOf(page)).toEqual(wanted)
    expect(await page.locator('.verdict').textContent()).toContain('two increments made 1')
    // And the line that the page gives is the one it was given.
    expect(await page.locator('.replay').textContent()).toBe(`npx sk-storage replay '${replay}'`)
  })

  it('takes the same steps as the command in every lesson, whoever takes them', async () => {
    const lessons = LESSONS.filter(
      ({ file, scenario, memory }) => file !== '' && scenario !== '' && memory === undefined,
    )
    expect(lessons).toHaveLength(15)
    for (const { lesson, replay, steps } of await executionsOf(
      shareOf('lessons stepped like the command', lessons, 1),
    )) {
      const { schedule, kinds } = readReplayLine(replay)
      const page = await openPage(opened, `replay=${encodeURIComponent(replay)}`)
      expect(await page.locator('.lesson h2').textContent()).toContain(lesson.title)
      const wanted = steps.map((step, k) => asListed(step, schedule.threads[k], lesson))
      expect(await marksOf(page)).toEqual(wanted)
      const numbered = wanted.map((text, k) => `${k + 1} ${text}`)
      expect(await eventsOf(page)).toEqual(numbered.slice(-LISTED))
      const given = /'(.*)'/.exec((await page.locator('.replay').textContent()) ?? '')?.[1] ?? ''
      expect(readReplayLine(given)).toMatchObject({ schedule, kinds })
      expect(opened.errors).toEqual([])
    }
  })

  it('steps an exhibit of the museum along the command’s line, and gives a line that the command follows', async () => {
    const told = execFileSync(process.execPath, ['dist/src/cli/main.js', 'museum', 'D10'], { encoding: 'utf8' })
    const line = /^replay: npx sk-storage replay '(.*)'$/m.exec(told)![1]
    const page = await openPage(opened, `replay=${encodeURIComponent(line)}`)
    expect(await page.locator('.verdict').textContent()).toMatch(/^assertion: /)
    expect(await page.locator('.diff').textContent()).toContain('Atomics.store(words, sk + SOCK.storage, storage)')
    const given = /'(.*)'/.exec((await page.locator('.replay').textContent()) ?? '')![1]
    expect(given).toBe(line)
  })

  it('follows the command’s witnesses to lines that the command follows step for step', async () => {
    const [result] = await printed('explore', 'web/scenarios/two-creators.ts')
    expect(result.outcomes.length).toBeGreaterThan(1)
    const followed: string[] = []
    for (const { witness } of shareOf('witnesses followed', result.outcomes, 1)) {
      const page = await openPage(opened, `lesson=two-creators&schedule=${witness}`)
      expect(await page.locator('.verdict').textContent()).toBe(
        'All CPUs have come to their end, and nothing is wrong.',
      )
      const line = /'(.*)'/.exec((await page.locator('.replay').textContent()) ?? '')?.[1] ?? ''
      // The line has the kind of every step, and a fingerprint of the code.
      expect(readReplayLine(line).kinds).toHaveLength(await stepOf(page))
      followed.push(line)
    }
    const told = await skStorageInTurn(followed.map((line) => ['replay', line]))
    const clean = { status: 0, stdout: 'It followed the line to its end, and nothing is wrong.\n', stderr: '' }
    expect(told).toEqual(followed.map(() => expect.objectContaining(clean)))
  })

  it('shows the same moments going back as going forward, and as opened afresh', async () => {
    const page = await openPage(opened, 'lesson=two-creators&schedule=S0-{10}P1-{10}S0----&at=0')
    const steps = 26
    const forward = [await shownBy(page)]
    for (let k = 0; k < steps; k++) {
      await page.keyboard.press('ArrowRight')
      forward.push(await shownBy(page))
    }
    expect(await stepOf(page)).toBe(steps)
    expect(new Set(forward).size).toBe(steps + 1)
    for (let k = steps; k > 0; k--) {
      expect(await shownBy(page)).toBe(forward[k])
      await page.keyboard.press('ArrowLeft')
    }
    expect(await shownBy(page)).toBe(forward[0])
    const afresh = await openPage(opened, 'lesson=two-creators&schedule=S0-{10}P1-{10}S0----&at=15')
    expect(await shownBy(afresh)).toBe(forward[15])
  })

  it('says of each word in the memory who wrote it last, and goes there, by mouse and by keyboard', async () => {
    const page = await openPage(opened, 'lesson=two-creators&schedule=S0-{71}P1-{75}')
    const words = page.locator('.memory .field')
    expect(await words.count()).toBeGreaterThan(20)
    expect(await words.evaluateAll((all) => all.filter((each) => (each as SVGElement).tabIndex < 0).length)).toBe(0)
    const steps = await stepOf(page)
    const word = page.getByRole('button', { name: /^sk_bpf_storage / })
    const writer = page.locator('.writer')
    await word.click()
    const told = (await writer.textContent())!
    const [, step, stored] = /^CPU 1 wrote it in step (\d+): 0 → (\d+), /.exec(told)!
    const label = /^sk_bpf_storage @(\d+), sock @(\d+)\. Who wrote it\?$/.exec(
      (await word.getAttribute('aria-label'))!,
    )!
    expect(label[1]).toBe(stored)
    await page.getByRole('button', { name: 'Go there' }).click()
    expect(await stepOf(page)).toBe(Number(step))
    expect((await eventsOf(page)).at(-1)).toBe(`${step} CPU 1: cas sock ${label[2]} sk_bpf_storage: 0 → ${stored}`)
    // And by keyboard, from the end again: a word that nobody wrote leads nowhere.
    await page.keyboard.press('End')
    await page.getByRole('button', { name: /^refcnt / }).focus()
    for (let times = 0; times < 2; times++) await page.keyboard.press('Enter')
    expect(await writer.textContent()).toBe('Nobody has written this word yet: it is as setup left it. Next change')
    expect(await stepOf(page)).toBe(steps)
    await page.getByRole('button', { name: /^sk_refcnt / }).focus()
    await page.keyboard.press('Shift+Tab')
    await page.keyboard.press('Enter')
    expect(await writer.textContent()).toBe(told)
    expect(await page.locator('[aria-live]').textContent()).toBe(told.slice(0, told.indexOf(', ')))
    await page.keyboard.press('Enter')
    expect(await stepOf(page)).toBe(Number(step))
  })

  it('opens a race that was found and shared by its link again', async () => {
    const page = await openPage(opened, 'lesson=grace-period&broken=no-grace-period')
    await byKeyboard(page).search()
    await page.waitForSelector('.verdict.wrong')
    const shown = await shownBy(page)
    const other = await openPage(opened, page.url().replace(/^[^#]*#/, ''))
    expect(await shownBy(other)).toBe(shown)
    expect(await other.locator('.verdict').textContent()).toMatch(/^use after free:/)
  })

  it.each([
    ['what a lesson breaks', 'lesson=grace-period&broken=no-grace-period', 'publish.ts#gracePeriod@no-grace-period', 1],
    ['programs of one’s own', 'lesson=free-play&program=create%20delete|get', 'free-play.ts#create%20delete%7Cget', 0],
  ])('gives a line for %s that the command and the page follow', async (_, place, name, status) => {
    const page = await openPage(opened, place)
    if (status === 1) {
      await byKeyboard(page).search()
      await page.waitForSelector('.verdict.wrong')
    } else {
      await page.getByRole('button', { name: 'To end: CPU 0' }).click()
      await page.getByRole('button', { name: 'To end: CPU 1' }).click()
    }
    const verdict = await page.locator('.verdict').textContent()
    const line = /'(.*)'/.exec((await page.locator('.replay').textContent()) ?? '')![1]
    expect(line).toContain(` web/scenarios/${name} `)
    const told = spawnSync(process.execPath, ['dist/src/cli/main.js', 'replay', line], { encoding: 'utf8' })
    expect({ status: told.status, stderr: told.stderr }).toEqual({ status, stderr: '' })
    if (status === 0) expect(told.stdout).toBe('It followed the line to its end, and nothing is wrong.\n')
    else expect(told.stdout).toContain(`npx sk-storage replay '${line}'`)
    const again = await openPage(opened, `replay=${encodeURIComponent(line)}`)
    expect(await again.locator('.verdict').textContent()).toBe(verdict)
  })

  it('says what is wrong with a link that it can’t follow', async () => {
    const page = await openPage(opened, 'lesson=lost-update&schedule=S0------')
    expect(await page.locator('.middle .wrong').first().textContent()).toBe(
      'The schedule can only be followed for 2 steps: CPU 0 has ended.',
    )
  })

  it('lists all outcomes of a litmus program, each with a witness that can be stepped', async () => {
    const page = await openPage(opened, `lesson=litmus&program=${encodeURIComponent('W x 1; R y | W y 1; R x')}`)
    await byKeyboard(page).search()
    await page.waitForSelector('.find table')
    expect(await page.locator('.find tbody tr').count()).toBe(3)
    await page.locator('.find tbody button').first().click()
    expect(await stepOf(page)).toBe(4)
    const line = /'(.*)'/.exec((await page.locator('.replay').textContent()) ?? '')![1]
    const told = spawnSync(process.execPath, ['dist/src/cli/main.js', 'replay', line], { encoding: 'utf8' })
    expect(told).toMatchObject({ stdout: 'It followed the line to its end, and nothing is wrong.\n', stderr: '' })
  })
})
