/**
 * The page by keyboard, and the page by mouse: the same few things that a person does.
 */

import type { Page } from 'playwright-core'

export interface Hands {
  /** The next step of a CPU. */
  step(cpu: number): Promise<void>
  /** A CPU to its end, or to where it can't go on. */
  toEnd(cpu: number): Promise<void>
  /** A button with that name. */
  press(name: string | RegExp): Promise<void>
  search(): Promise<void>
}

const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name, exact: true })

export const byMouse = (page: Page): Hands => ({
  step: (cpu) => page.locator('.cpu .step').nth(cpu).click(),
  toEnd: (cpu) => button(page, `To end: CPU ${cpu}`).click(),
  press: (name) => button(page, name).click(),
  search: () => button(page, 'Explore every interleaving').click(),
})

export function byKeyboard(page: Page): Hands {
  const enter = async (name: string | RegExp) => {
    await button(page, name).focus()
    await page.keyboard.press('Enter')
  }
  return {
    step: (cpu) => page.keyboard.press(`${cpu + 1}`),
    toEnd: (cpu) => enter(`To end: CPU ${cpu}`),
    press: enter,
    search: () => page.keyboard.press('f'),
  }
}

type Play = (hands: Hands, page: Page) => Promise<void>

const inTurn =
  (...cpus: readonly number[]): Play =>
  async (hands) => {
    for (const cpu of cpus) await hands.step(cpu)
  }

const broken =
  (title: string): Play =>
  async (hands, page) => {
    await hands.press(title)
    await page.waitForSelector('main[aria-busy=false]')
    await hands.search()
  }

const searched: Play = (hands) => hands.search()

/** How each lesson's task can be done. */
export const PLAYS: Readonly<Record<string, Play>> = {
  'lost-update': inTurn(0, 1, 0, 1),
  cmpxchg: inTurn(0, 1, 1, 0, 0, 0),
  'spin-lock': inTurn(0, 0, 0),
  publish: async (hands, page) => {
    await hands.press('Publish first, fill in afterwards')
    await page.waitForSelector('main[aria-busy=false]')
    await hands.toEnd(0)
    await hands.toEnd(1)
  },
  'grace-period': async (hands) => {
    await hands.step(1)
    await hands.step(1)
    await hands.toEnd(0)
    await hands.toEnd(1)
    await hands.toEnd(0)
  },
  'two-creators': async (hands, page) => {
    // CPU 0 stops just before it publishes; by then CPU 1 has.
    await hands.toEnd(0)
    await hands.press(/cas sock \d+ storage: 0 →/)
    await page.keyboard.press('ArrowLeft')
    await hands.toEnd(1)
    await hands.toEnd(0)
  },
  'cache-slot': broken('Cache without looking again'),
  'map-free': broken('Map free without its first grace period'),
  'socket-death': broken('Map free without its second grace period'),
  clone: broken('The child keeps its parent’s pointer'),
  museum: async (hands, page) => {
    await page.getByLabel('Exhibit').selectOption('D10')
    await page.waitForSelector('main[aria-busy=false]')
    await hands.search()
  },
  'free-play': searched,
  litmus: searched,
}
