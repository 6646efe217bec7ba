import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { MUSEUM } from '../../lessons/exhibit-index.ts'
import { TITLES } from '../../lessons/exhibit-titles.ts'
import { LESSONS } from '../../lessons/lesson-list.ts'
import { readPlace } from '../../lessons/link.ts'
import { pageLink } from '../../src/cli/page-link.ts'
import { browserFile } from '../chromium.ts'
import { shareOf } from '../share.ts'
import { type Opened, openBrowser, openLink, openPage, stepOf } from './browser.ts'
import { byMouse } from './hands.ts'

const COMMAND = 'dist/src/cli/main.js'
const hashOf = (link: string) => link.slice(link.indexOf('#') + 1)

describe('links from reports to the page', () => {
  const lessons = LESSONS.filter(({ file }) => file !== '').flatMap(({ file, scenario, exhibits }) =>
    ['', ...exhibits].map((id) => `${file}#${scenario || 'create delete|get'}${id && `@${id}`}`),
  )
  const museum = MUSEUM.map(({ lineName }) => lineName)

  it.each([...lessons, ...museum, 'web/scenarios/free-play.ts#create|get', 'W x 1 | R x'])('lead %s there', (name) => {
    const link = pageLink(`explore1 ${encodeURI(name)} 0 S0- dd`)
    expect(readPlace(hashOf(link!))).toMatchObject({ problem: '', place: { schedule: ['0', '0'], at: 2 } })
  })

  it.each(['props/scenarios/waiting.ts#twoLockers#raw', 'my folder/races.ts#lost', 'mine'])(
    'are not given for %s',
    (name) => {
      expect(pageLink(`explore1 ${encodeURI(name)} 0 S0- dd`)).toBeUndefined()
    },
  )
})

describe.skipIf(browserFile === undefined)('links, in a browser (skipped where none is installed)', () => {
  let opened: Opened
  beforeAll(async () => {
    opened = await openBrowser()
  })
  afterAll(() => opened.close())

  const told = () => opened.page.locator('.middle > .wrong[role=alert]').allTextContents()
  const verdict = () => opened.page.locator('.verdict').textContent()

  it('of the hour’s plan lead where it says', async () => {
    const plan = readFileSync('docs/teaching.md', 'utf8')
    const links = [...plan.matchAll(/`#((?:lesson|replay)=[^`]+)`/g)].map(([, hash]) => hash)
    expect(links.length).toBeGreaterThanOrEqual(LESSONS.length)
    await openPage(opened, '')
    for (const hash of links) {
      const page = await openLink(opened, hash)
      expect({ hash, told: await told(), steps: await stepOf(page) }).toEqual({
        hash,
        told: [],
        steps: readPlace(hash).place.at,
      })
    }
    expect(opened.errors).toEqual([])
  })

  it.each(shareOf('exhibits in the browser', MUSEUM, 2))(
    'show the exhibit $id of the museum, broken and mended',
    async ({ id }) => {
      for (const broken of [`&broken=${id}`, '']) {
        const page = await openLink(opened, `lesson=museum&program=${id}${broken}`)
        expect(await told()).toEqual([])
        await page.locator('.break', { hasText: TITLES[id] }).waitFor()
        // There is something to step, and it stands in a source.
        await page.locator('.cpu.ready .step').first().click()
        expect(await stepOf(page)).toBe(1)
        expect(await page.locator('.source h3 code').first().textContent()).not.toBe('')
      }
      expect(opened.errors).toEqual([])
    },
  )

  it.each([
    ['of an exhibit', ['museum', 'D10']],
    ['of an exhibit that is explored raw', ['museum', 'D52']],
    ['of a lesson', ['explore', 'web/scenarios/lost-update.ts']],
    ['of a litmus program', ['explore', '--litmus', 'L a; L b; U b; U a | L b; L a; U a; U b']],
  ])('in the report %s show what it reports', async (_, words) => {
    const { stdout } = spawnSync(process.execPath, [COMMAND, ...words], { encoding: 'utf8' })
    const link = /^step it by hand, while sk-storage serve runs: (\S+)$/m.exec(stdout)![1]
    await openPage(opened, '')
    await openLink(opened, hashOf(link))
    expect(await told()).toEqual([])
    // Places and names of CPUs differ; that it is wrong, and how, does not.
    const kind = /^(?:[\w-]+: )?(\S+?):/m.exec(stdout.slice(stdout.search(/^(assertion|deadlock|lock-order)/m)))![1]
    expect((await verdict())!.replaceAll(' ', '-')).toContain(kind)
  })

  it.each([
    ['lesson=museum&program=Z99', "the museum has no exhibit 'Z99'"],
    ['lesson=museum&broken=Z99', "the lesson 'museum' has no exhibit 'Z99'"],
    ['lesson=museum&program=D10&broken=D12', "it shows the exhibit 'D10' and breaks 'D12'"],
    ['lesson=nothing', "there is no lesson 'nothing'"],
    ['lesson=publish&broken=D10', "the lesson 'publish' has no exhibit 'D10', expected early-publish or plain-publish"],
    ['lesson=lost-update&program=get', "got a program, and the lesson 'lost-update' has its own"],
    [
      'lesson=free-play&program=constructor|toString',
      "got the operation 'constructor', expected one of get, create, delete, clone",
    ],
    ['lesson=free-play&program=get|get|get|get', 'got programs for 4 CPUs, expected at most 3'],
    ['lesson=lost-update&schedule=S0-{999999999}', 'schedule: got 1000000000 steps or more, expected at most 20000'],
    ['lesson=lost-update&schedule=X0', "schedule: can't read 'X0' at character 1"],
    ['lesson=lost-update&schedule=S0-&at=1.5', "at: got '1.5', expected a number of steps from 0 to 2"],
    ['lesson=lost-update&schedule=S0-&at=-1', "at: got '-1', expected a number of steps from 0 to 2"],
    ['lesson=lost-update&schedule=S0-&at=3', "at: got '3', expected a number of steps from 0 to 2"],
    ['lesson=lost-update&lesson=publish', "got 'lesson' twice"],
    ['leson=publish', "got the part 'leson', expected lesson, broken, program, schedule, at, replay"],
    ['replay=explore1%20x', "a replay line looks like 'explore1 NAME CODE S0-P1 aab'"],
    [
      'replay=explore1%20W%2520x%25201%7CR%2520x%200%20arm:S0S1r0%20de',
      "it is an execution of arm, and the page steps 'Litmus corner' as interleavings",
    ],
    ['replay=explore1%20mine%200%20S0%20d', "no lesson steps the scenario 'mine'"],
    ['replay=explore1%20museum%23Z99%200%20S0%20d', "the museum has no exhibit 'Z99'"],
    [
      'replay=explore1%20%25E0%200%20S0%20d',
      "got the name '%E0' in a replay line, expected one with %XX for what a shell would take apart",
    ],
    ['replay=explore1%20x%200%20S0-{99999999}%20d', 'schedule: got 100000000 steps or more, expected at most 20000'],
  ])('that can’t be read say so, and leave nothing blank: %s', async (hash, why) => {
    await openPage(opened, '')
    const page = await openLink(opened, hash)
    expect(await told()).toEqual([`This link can’t be read: ${why}`])
    expect(await page.locator('.cpu.ready .step').count()).toBeGreaterThan(0)
    expect(await stepOf(page)).toBe(0)
    expect(opened.errors).toEqual([])
  })

  it('say how far their schedule can be followed, also where the program is there already', async () => {
    await openPage(opened, 'lesson=lost-update')
    const page = await openLink(opened, 'lesson=lost-update&schedule=S0------')
    expect(await told()).toEqual(['The schedule can only be followed for 2 steps: CPU 0 has ended.'])
    await openLink(opened, 'lesson=cmpxchg&broken=blind-cmpxchg&schedule=S0P1-S0')
    expect(await told()).toEqual([])
    await page.getByRole('button', { name: 'Fix it' }).click()
    expect(await stepOf(page)).toBe(0)
  })

  it('with a line that was made from other code say so', async () => {
    const line = (code: string, kinds: string) =>
      `replay=${encodeURIComponent(`explore1 web/scenarios/lost-update.ts#lostUpdate ${code} S0P1-S0 ${kinds}`)}`
    const page = await openPage(opened, 'lesson=lost-update&schedule=S0P1-S0')
    const code = / (\w+) S0P1-S0 /.exec((await page.locator('.replay').textContent())!)![1]
    await openLink(opened, line(code, 'ccdd'))
    expect(await told()).toEqual([])
    await openLink(opened, line('abc', 'ccdd'))
    expect(await told()).toEqual([
      'The line was made from other code than this page steps: what it showed may not be what you see.',
    ])
    await openLink(opened, line('abc', 'cdcd'))
    expect(await told()).toEqual(['The line was made from other code: its step 2 was another one than load here.'])
    expect(await stepOf(page)).toBe(4)
  })

  it('bring no lesson done: only the reader does that', async () => {
    const page = await openPage(opened, 'lesson=lost-update&schedule=S0P1-S0&at=0')
    await page.keyboard.press('End')
    await page.waitForSelector('.verdict.wrong')
    expect(await page.locator('.task').textContent()).toMatch(/^Task\./)
    // Its last step, chosen once more, doesn't make the others the reader's.
    await page.keyboard.press('ArrowLeft')
    await page.keyboard.press('1')
    await page.waitForSelector('.verdict.wrong')
    expect(await page.locator('.task.right').count()).toBe(0)
    await page.keyboard.press('Home')
    for (const key of ['1', '2', '2', '1']) await page.keyboard.press(key)
    await byMouse(page).answer(1)
    await page.waitForSelector('.task.right')
  })

  it.each([5, 140])('open at the moment that they share, step %i, and show it on the lanes', async (at) => {
    const page = await openPage(opened, `lesson=two-creators&schedule=S0-{70}P1-{75}&at=${at}`)
    await page.waitForSelector('.cursor', { state: 'attached' })
    const left = async (part: string) => (await page.locator(part).boundingBox())!.x
    const { width } = (await page.locator('.lanes').boundingBox())!
    await expect.poll(async () => (await left('.cursor')) - (await left('.lanes'))).toBeLessThan(width)
    expect((await left('.cursor')) - (await left('.lanes'))).toBeGreaterThan(0)
  })
})
