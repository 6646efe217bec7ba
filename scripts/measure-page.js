/**
 * Sizes and times of the built page: `node scripts/measure-page.js`, behind `npm run build` and `npm run build:web`.
 *
 * What a browser loads before the first lesson can be stepped, compressed; all of the page; and how long a step back
 * takes in lesson 9, at the end of a long execution, on this machine and slowed six times by the browser. A step ends
 * when the browser has drawn what it changed.
 */

import { spawn } from 'node:child_process'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { gzipSync } from 'node:zlib'
import { chromium } from 'playwright-core'

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium'
/** Lesson 9, both CPUs and all callbacks to their end: one button after the other. */
const LESSON = 'socket-death'
const STEPS = 20

const command = spawn(process.execPath, ['dist/src/cli/main.js', 'serve', '--port', '0'], {
  stdio: ['ignore', 'pipe', 'inherit'],
})
const address = await new Promise((done) => createInterface({ input: command.stdout }).once('line', done))
const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] })
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 720 } })
  await page.goto(address)
  await page.waitForSelector('main[aria-busy=false]')
  const loaded = await page.evaluate(() => performance.getEntriesByType('resource').map(({ name }) => name))
  const first = ['index.html', ...loaded.map((each) => new URL(each).pathname.slice(1))]
  const compressed = first.reduce((sum, file) => sum + gzipSync(readFileSync(join('dist/web', file))).length, 0)
  console.log(`before the first lesson  ${kB(compressed)} compressed, ${first.length} files`)
  const all = readdirSync('dist/web', { recursive: true, withFileTypes: true }).filter((each) => each.isFile())
  const bytes = all.reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0)
  console.log(`all of the page          ${kB(bytes)}, ${all.length} files`)

  await page.goto(`${address}#lesson=${LESSON}`)
  await page.reload()
  await page.waitForSelector('main[aria-busy=false]')
  for (let turns = 0; turns < 20; turns++) {
    const ready = page.locator('.cpu.ready .to-end')
    if ((await ready.count()) === 0) break
    await ready.first().click()
  }
  const { steps } = await page.evaluate(() => ({ steps: Number(document.querySelector('[data-step]').dataset.step) }))
  const session = await page.context().newCDPSession(page)
  for (const rate of [1, 6]) {
    await session.send('Emulation.setCPUThrottlingRate', { rate })
    await page.keyboard.press('End')
    const times = await page.evaluate(async (count) => {
      const found = []
      for (let k = 0; k < count; k++) {
        const started = performance.now()
        document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowLeft', bubbles: true }))
        await new Promise(requestAnimationFrame)
        await new Promise((drawn) => setTimeout(drawn))
        found.push(performance.now() - started)
      }
      return found.sort((a, b) => a - b)
    }, STEPS)
    const slowed = rate === 1 ? '' : `, slowed ${rate} times`
    console.log(
      `a step back in lesson 9  ${ms(times[STEPS / 2])} median, ${ms(times.at(-1))} at most, of ${STEPS} from step ${steps} on${slowed}`,
    )
  }
} finally {
  await browser.close()
  command.kill('SIGTERM')
}

function kB(size) {
  return `${(size / 1000).toFixed(1)} kB`
}

function ms(time) {
  return `${time.toFixed(0)} ms`
}
