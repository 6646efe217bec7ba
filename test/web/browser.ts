/**
 * A browser for the tests of the page, and the command that serves it.
 */

import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { chromium, type Page } from 'playwright-core'
import { browserFile } from '../chromium.ts'

const DESKTOP = { width: 1280, height: 900 }

export interface Opened {
  readonly address: string
  /** The one page of all tests, since a new one costs a second. */
  readonly page: Page
  /** What the page reported as an error since it was opened last. */
  readonly errors: string[]
  close(): Promise<void>
}

/** A page whose program is there, and the sources that its columns show. */
const READY = 'main[aria-busy=false]:not(:has(pre[aria-busy=true]))'

/** Starts `sk-storage serve` on a free port, and a browser. */
export async function openBrowser(): Promise<Opened> {
  const command = spawn(process.execPath, ['dist/src/cli/main.js', 'serve', '--port', '0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const address = await firstLine(command)
  const browser = await chromium.launch({ executablePath: browserFile!, args: ['--no-sandbox'] })
  const context = await browser.newContext({ viewport: DESKTOP })
  const page = await context.newPage()
  page.setDefaultTimeout(20_000)
  const errors: string[] = []
  page.on('pageerror', ({ message }) => errors.push(message))
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text())
  })
  await page.goto(address)
  return {
    address,
    page,
    errors,
    async close() {
      await browser.close()
      command.kill('SIGTERM')
    },
  }
}

async function firstLine(command: ChildProcess): Promise<string> {
  for await (const line of createInterface({ input: command.stdout! })) return line
  throw new Error('sk-storage serve printed no address')
}

/** Opens a place of the page afresh, as who was never here before, and waits for its program and sources. */
export async function openPage({ page, errors }: Opened, place: string): Promise<Page> {
  await page.setViewportSize(DESKTOP)
  await page.emulateMedia({ colorScheme: null })
  await page.evaluate((hash) => {
    localStorage.clear()
    history.replaceState(null, '', `#${hash}`)
  }, place)
  errors.length = 0
  await page.reload()
  await page.waitForSelector(READY)
  return page
}

/** Follows a link on the page that is open, as the address bar does, and waits for its program and sources. */
export async function openLink({ page }: Opened, place: string): Promise<Page> {
  await page.evaluate(async (hash) => {
    if (location.hash === `#${hash}`) return
    const came = new Promise((done) => addEventListener('popstate', done, { once: true }))
    location.hash = `#${hash}`
    await came
    // What is drawn is what the link says.
    for (let frames = 0; frames < 2; frames++) await new Promise(requestAnimationFrame)
  }, place)
  await page.waitForSelector(READY)
  return page
}

/** The number of steps taken, as the page tells a screen reader. */
export const stepOf = async (page: Page): Promise<number> =>
  Number(await page.locator('[data-step]').getAttribute('data-step'))
