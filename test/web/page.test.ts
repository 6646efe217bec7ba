import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { browserFile } from '../chromium.ts'
import { type Opened, openBrowser, openLink, openPage, stepOf } from './browser.ts'
import { byMouse } from './hands.ts'

describe.skipIf(browserFile === undefined)('what the page says and shows (skipped without a browser)', () => {
  let opened: Opened
  beforeAll(async () => {
    opened = await openBrowser()
  })
  afterAll(() => opened.close())

  const search = async (page: Page) => {
    await byMouse(page).search()
    await page.waitForSelector('.find p.wrong, .find p.right')
  }
  const textOfPart = (page: Page, part: string) => page.locator(part).allTextContents()

  it('loads less than 100 kB, compressed, before the first lesson can be stepped', async () => {
    const page = await openPage(opened, '')
    const loaded = await page.evaluate(() => performance.getEntriesByType('resource').map(({ name }) => name))
    const files = ['index.html', ...loaded.map((address) => new URL(address).pathname.slice(1))]
    expect(files.filter((file) => file.endsWith('.json'))).toEqual([expect.stringContaining('lost-update')])
    const sizes = files.map((file) => gzipSync(readFileSync(`dist/web/${file}`)).length)
    expect(sizes.length).toBeGreaterThan(3)
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(100_000)
  })

  it('steps free play with one CPU, and with three', async () => {
    const page = await openPage(opened, 'lesson=free-play')
    await page.getByRole('button', { name: 'One CPU less' }).click()
    for (const cpus of [1, 2, 3]) {
      await page.waitForSelector('main[aria-busy=false]')
      expect(await page.locator('.cpu').count()).toBe(cpus)
      await byMouse(page).toEnd(0)
      expect(await stepOf(page)).toBeGreaterThan(50)
      if (cpus < 3) await page.getByRole('button', { name: 'Another CPU' }).click()
    }
    await search(page)
    expect(await textOfPart(page, '.find p.right')).toHaveLength(1)
  })

  it.each([
    'lesson=publish&broken=plain-publish',
    'lesson=museum&program=D23&broken=D23',
    'lesson=litmus&program=L+a%3B+L+a',
  ])('says that every interleaving fails where that is so: %s', async (place) => {
    const page = await openPage(opened, place)
    await search(page)
    const told = (await textOfPart(page, '.find')).join()
    expect(told).toContain('Every interleaving fails, in this way or in another: there was never a way to end well.')
    expect(told).not.toContain('Lost at')
  })

  it('says that locks are taken in a circle though nothing goes wrong by it', async () => {
    const gated = 'L g; L a; L b; U b; U a; U g | L g; L b; L a; U a; U b; U g'
    const page = await openPage(opened, `lesson=litmus&program=${encodeURIComponent(gated)}`)
    await search(page)
    expect((await textOfPart(page, '.find p.right'))[0]).toMatch(
      /^All 2 interleavings are fine\. .* And yet CPU \d: locks are taken in a circle: \w -> \w -> \w; none of them deadlocks\.$/,
    )
  })

  it('says a kind of fault once', async () => {
    const page = await openPage(opened, 'lesson=museum&program=H07b&broken=H07b')
    await search(page)
    expect(await textOfPart(page, '.verdict')).toEqual([
      'deadlock: CPU 0 waits for bucket 3 lock, which it holds itself',
    ])
    await openLink(opened, 'lesson=museum&program=D55&broken=D55')
    await search(page)
    expect((await textOfPart(page, '.verdict'))[0]).toMatch(/^stuck: CPU \d sleeps on /)
  })

  it('says that a lock is released in what is freed, and why a free is one too many after all', async () => {
    const page = await openPage(opened, 'lesson=socket-death&broken=no-second-grace-period')
    await search(page)
    expect((await textOfPart(page, '.verdict'))[0]).toMatch(/frees buckets \d+, which CPU 0 releases a lock in, and/)
    await openLink(opened, 'lesson=grace-period&broken=no-grace-period')
    await search(page)
    expect((await textOfPart(page, '.verdict'))[0]).toContain('CPU 0: frees object, which CPU 1 reads, and nothing')
    expect((await textOfPart(page, '.find li')).at(-1)).toMatch(
      /^that section had ended, at step \d+, when the free came: by chance, since nothing made the free wait for it$/,
    )
  })

  it('shows in lesson 7 what its task asks for: a freed element that the slot leads to', async () => {
    const page = await openPage(opened, 'lesson=cache-slot&broken=stale-cache')
    await search(page)
    expect(await textOfPart(page, '.box.dangling .title')).toEqual([expect.stringMatching(/^elem @\d+$/)])
    // The slot's, and that of the reader who has found it there.
    expect(await page.locator('.arrow.dangling').count()).toBeGreaterThanOrEqual(2)
    expect((await textOfPart(page, '.task'))[0]).toContain('see an element freed while the slot still leads to it')
  })

  it('shows what a reader holds in lesson 5, and a red arrow to what is freed meanwhile', async () => {
    const page = await openPage(opened, 'lesson=grace-period&broken=no-grace-period&schedule=S1-')
    const held = async () => {
      const boxes = page.locator('.box').filter({ hasText: 'CPU 1 follow' })
      return (await boxes.allTextContents()).map((text) => text.replace(/\s+/g, ' ').trim())
    }
    const pointer = /pointer ?(@\d+)/.exec(
      (await textOfPart(page, '.box')).find((text) => text.includes('published'))!,
    )![1]
    expect(await held()).toEqual([expect.stringMatching(new RegExp(`object ?${pointer}$`))])
    expect(await page.locator('.arrow.dangling').count()).toBe(0)
    await byMouse(page).toEnd(0)
    expect(await page.locator('.arrow.dangling').count()).toBe(1)
    await byMouse(page).toEnd(1)
    // It has come to nothing: what it read is reported.
    expect((await textOfPart(page, '.verdict'))[0]).toMatch(/^use after free:/)
    await openLink(opened, 'lesson=grace-period')
    await byMouse(page).toEnd(1)
    expect(await held()).toEqual([])
  })

  it('has a desk alone for the frame of another page, and a drawing of the moment', async () => {
    const { page, address } = opened
    await page.goto(`${address}?embed#lesson=grace-period&schedule=S1-P0--`)
    await page.waitForSelector('main[aria-busy=false]')
    expect(
      await page.locator('header, .left').evaluateAll((all) => all.filter((each) => each.checkVisibility()).length),
    ).toBe(0)
    expect(await page.locator('.cpu.blocked').count()).toBe(1)
    expect(await page.locator('.whole a').getAttribute('href')).toBe('/#lesson=grace-period&schedule=S1-S0--')
    await page.goto(`${address}#lesson=grace-period&schedule=S1-P0--`)
    await page.waitForSelector('main[aria-busy=false]')
    const coming = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Save as SVG' }).click()
    const download = await coming
    expect(download.suggestedFilename()).toBe('grace-period-5.svg')
    const drawing = readFileSync(await download.path(), 'utf8')
    expect(drawing).toMatch(/^<svg xmlns/)
    for (const words of ['A grace period by hand, step 5', 'CPU 1', 'published', 'object @'])
      expect(drawing).toContain(words)
    // It stands alone: no style of the page's is needed.
    expect(drawing).not.toMatch(/ class=|var\(/)
    await page.setContent(drawing)
    expect((await page.locator('svg').first().boundingBox())!.width).toBeGreaterThan(300)
    await page.goto(address)
    await page.waitForSelector('main[aria-busy=false]')
  })

  it('shows what orders the steps, and says why two are unordered', async () => {
    const page = await openPage(opened, 'lesson=lost-update&schedule=S0-P1-')
    expect(await page.locator('.lanes .order').count()).toBe(0)
    await page.getByRole('button', { name: 'What orders them?' }).click()
    // The load of CPU 1 reads what CPU 0 has stored.
    await page.locator('.lanes .order').waitFor()
    expect(await page.locator('.lanes .order').count()).toBe(1)
    await openLink(opened, 'lesson=publish&broken=early-publish')
    await search(page)
    expect((await textOfPart(page, '.verdict'))[0]).toContain('is not ordered with')
    expect(await page.getByRole('button', { name: 'Why unordered?' }).getAttribute('aria-pressed')).toBe('true')
    await page.locator('.ordering p').waitFor()
    expect((await textOfPart(page, '.ordering p'))[0]).toMatch(
      /^Step (\d+) \(.*\) is behind .*\. Step \d+ \(.*\) is not among them: no way along the arrows leads from it to step \1\./,
    )
  })

  it('leads from a code to what it means, and to the exhibit', async () => {
    const page = await openPage(opened, 'lesson=museum&program=H31&broken=H31')
    await page.keyboard.press('g')
    const entries = page.locator('.glossary dt')
    await entries.first().waitFor()
    expect((await entries.allTextContents()).slice(0, 2)).toEqual(['C1', 'C2'])
    await page.keyboard.press('Escape')
    await openLink(opened, 'lesson=two-creators&schedule=S0-{60}')
    expect(await page.locator('.source a', { hasText: 'H31' }).getAttribute('href')).toBe(
      '#lesson=museum&program=H31&broken=H31',
    )
    await page.locator('.source button.code').first().click()
    const code = await page.locator('.source button.code').first().textContent()
    expect(await page.locator('.glossary .asked dt').textContent()).toBe(code)
    await page.keyboard.press('Escape')
  })

  it('shows every line of a source whole, and says while it is on its way', async () => {
    const page = await openPage(opened, 'lesson=two-creators')
    // A network that takes its time.
    await page.route(/./, async (route) => {
      await new Promise((later) => setTimeout(later, 1000))
      await route.continue()
    })
    await openLink(opened, 'lesson=two-creators&schedule=S0-{40}')
    await page.setViewportSize({ width: 1280, height: 720 })
    const lines = await page
      .locator('.source pre')
      .evaluateAll((all) => all.map((pre) => pre.querySelectorAll('.number').length))
    expect(Math.min(...lines)).toBeGreaterThan(50)
    const hidden = () =>
      page.locator('.source pre').evaluateAll((all) => all.map((pre) => pre.scrollWidth - pre.clientWidth))
    const longest = await page
      .locator('.line')
      .evaluateAll((all) => Math.max(...all.map((line) => line.textContent!.length)))
    expect(longest).toBeGreaterThan(110)
    expect(await hidden()).toEqual([0, 0])
    await page.unrouteAll({ behavior: 'wait' })
  })

  it('loses nothing of what two tabs have done at once', async () => {
    const page = await openPage(opened, 'lesson=lost-update')
    const other = await page.context().newPage()
    try {
      await other.goto(`${opened.address}#lesson=spin-lock`)
      await other.waitForSelector('main[aria-busy=false]')
      for (const key of ['1', '2', '2', '1']) await page.keyboard.press(key)
      await byMouse(page).answer(1)
      await page.waitForSelector('.task.right')
      await other.bringToFront()
      for (const key of ['1', '1', '1', '1']) await other.keyboard.press(key)
      await byMouse(other).answer(3)
      await other.waitForSelector('.task.right')
      const marked = (tab: Page) => tab.locator('header option').filter({ hasText: '✓' }).count()
      await expect.poll(() => marked(page)).toBe(2)
      await page.bringToFront()
      await page.reload()
      await page.waitForSelector('main[aria-busy=false]')
      expect(await marked(page)).toBe(2)
    } finally {
      await other.close()
    }
  })
})
