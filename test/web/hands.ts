/**
 * The page by keyboard, and the page by mouse: the same few things that a person does.
 */

import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { readPlace } from '../../lessons/link.ts'

export interface Hands {
  /** The next step of a CPU. */
  step(cpu: number): Promise<void>
  /** A CPU to its end, or to where it can't go on. */
  toEnd(cpu: number): Promise<void>
  /** A button with that name. */
  press(name: string | RegExp): Promise<void>
  /** Names a step in answer to the question that stands at the end of a task. */
  answer(step: number): Promise<void>
  /** Has every interleaving explored, with something expected or with nothing. */
  search(expected?: { readonly outcomes: number }): Promise<void>
}

/** Answers what is asked before a search. */
async function answer(page: Page, expected: { readonly outcomes: number } | undefined): Promise<void> {
  await page
    .getByRole('radio', { name: expected === undefined ? 'I can’t say' : 'Every interleaving ends well' })
    .check()
  if (expected !== undefined) await page.getByLabel('Different outcomes').fill(`${expected.outcomes}`)
}

const namesStep = async (page: Page, step: number) => page.locator('.asked input').fill(`${step}`)

const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name, exact: true })

export const byMouse = (page: Page): Hands => ({
  step: (cpu) => page.locator('.cpu .step').nth(cpu).click(),
  toEnd: (cpu) => button(page, `To end: CPU ${cpu}`).click(),
  press: (name) => button(page, name).click(),
  answer: async (step) => {
    await namesStep(page, step)
    await button(page, 'Answer').click()
  },
  search: async (expected) => {
    await button(page, 'Explore every interleaving').click()
    await answer(page, expected)
    await button(page, 'Show me').click()
  },
})

export function byKeyboard(page: Page): Hands {
  const enter = async (name: string | RegExp) => {
    await button(page, name).focus()
    await page.keyboard.press('Enter')
  }
  return {
    step: async (cpu) => {
      // Beyond the fourth there are no numbers, but it is a button.
      if (cpu > 3) await page.locator('.cpu .step').nth(cpu).focus()
      await page.keyboard.press(cpu > 3 ? 'Enter' : `${cpu + 1}`)
    },
    toEnd: (cpu) => enter(`To end: CPU ${cpu}`),
    press: enter,
    answer: async (step) => {
      await namesStep(page, step)
      await page.keyboard.press('Enter')
    },
    search: async (expected) => {
      await page.keyboard.press('f')
      await page.waitForSelector('.question input:focus')
      await answer(page, expected)
      await page.keyboard.press('Enter')
    },
  }
}

/** The first step that the lanes call so, counted from 1. */
const stepCalled = async (page: Page, name: RegExp): Promise<number> =>
  (await page.locator('.event title').allTextContents()).findIndex((each) => name.test(each)) + 1

const andAnswer =
  (play: Play, step: number | RegExp): Play =>
  async (hands, page) => {
    await play(hands, page)
    await hands.answer(typeof step === 'number' ? step : await stepCalled(page, step))
  }

type Play = (hands: Hands, page: Page) => Promise<void>

const inTurn =
  (...cpus: readonly number[]) =>
  async (hands: Hands) => {
    for (const cpu of cpus) await hands.step(cpu)
  }

const broken =
  (title: string): Play =>
  async (hands, page) => {
    await hands.press(title)
    await page.waitForSelector('main[aria-busy=false]')
    await stepFound(hands, page)
  }

/** Has an order found, which does no task, and steps it. */
async function stepFound(hands: Hands, page: Page): Promise<void> {
  await hands.search()
  await page.waitForSelector('.verdict.wrong')
  const { place } = readPlace(new URL(page.url()).hash)
  expect(await page.locator('.task.right').count()).toBe(0)
  await hands.press('Start again')
  // Each step of the schedule is one press.
  await page.getByLabel('Fold the allocator').uncheck()
  let at = 0
  for (const [k, label] of place.schedule.entries()) {
    if (label !== place.schedule[k - 1]) at = await positionOf(label, page)
    await hands.step(at)
  }
}

/** Where the buttons of a CPU or a callback stand, by its name in schedules. */
async function positionOf(label: string, page: Page): Promise<number> {
  const names = await page.locator('.cpu .step b').allTextContents()
  return names.indexOf(`${label.includes('.') ? 'rcu' : 'CPU'} ${label}`)
}

const predicted =
  (outcomes: number): Play =>
  (hands) =>
    hands.search({ outcomes })

/** How each lesson's task can be done. */
export const PLAYS: Readonly<Record<string, Play>> = {
  'lost-update': andAnswer(inTurn(0, 1, 1, 0), 1),
  cmpxchg: andAnswer(inTurn(0, 1, 1, 0, 0, 0), 3),
  'spin-lock': andAnswer(inTurn(0, 0, 0, 0), 3),
  publish: async (hands, page) => {
    await hands.press('Publish first, fill in afterwards')
    await page.waitForSelector('main[aria-busy=false]')
    await hands.toEnd(0)
    await hands.toEnd(1)
    await hands.answer(await stepCalled(page, /^CPU 0: store published pointer/))
  },
  'grace-period': async (hands, page) => {
    await hands.step(1)
    await hands.step(1)
    await hands.toEnd(0)
    await hands.toEnd(1)
    await hands.toEnd(0)
    await hands.answer(await stepCalled(page, /^CPU 1: read-section exit/))
  },
  'two-creators': async (hands, page) => {
    // CPU 0 stops just before it publishes; by then CPU 1 has.
    await hands.toEnd(0)
    await hands.press(/cas sock \d+ sk_bpf_storage: 0 →/)
    await page.keyboard.press('ArrowLeft')
    await hands.toEnd(1)
    await hands.toEnd(0)
  },
  'cache-slot': broken('Cache without looking again'),
  'map-free': broken('Map free without its first grace period'),
  'socket-death': broken('Map free without its second grace period'),
  clone: andAnswer(broken('The child keeps its parent’s pointer'), /^CPU 0: write sock \d+ sk_bpf_storage/),
  'lost-wakeup': async (hands, page) => {
    await hands.press('Wake only whom you have seen asleep')
    await page.waitForSelector('main[aria-busy=false]')
    await inTurn(0, 0, 0, 0)(hands)
    await hands.toEnd(1)
    await hands.toEnd(0)
  },
  aba: async (hands, page) => {
    await hands.press('Leave the version out')
    await page.waitForSelector('main[aria-busy=false]')
    await inTurn(0, 0)(hands)
    await hands.toEnd(1)
    await hands.toEnd(0)
    await hands.answer(await stepCalled(page, /^CPU 1: cas top: 0 →/))
  },
  'take-reference': broken('Take the reference without looking'),
  'rcu-barrier': async (hands, page) => {
    await inTurn(1, 1)(hands)
    for (const cpu of [0, 1]) await hands.toEnd(cpu)
    await hands.press(/^To end: callback 1 of CPU 0/)
    await hands.toEnd(0)
    await hands.answer(await stepCalled(page, /^CPU 1: read-section exit/))
  },
  reordering: andAnswer(async (hands, page) => {
    await hands.press('Say and look with plain accesses')
    await page.waitForSelector('main[aria-busy=false]')
    await inTurn(0, 1)(hands)
    for (const cpu of [0, 1]) await hands.press(`CPU ${cpu} reads 0, from the start`)
  }, 1),
  'plain-publication': andAnswer(async (hands, page) => {
    await hands.press('Publish with a plain store, on a machine')
    await page.waitForSelector('main[aria-busy=false]')
    await inTurn(0, 0, 1)(hands)
    await hands.press('CPU 1 reads 0, from the start')
  }, 1),
  packets: async (hands, page) => {
    await hands.press('Take NULL for what never happens')
    await page.waitForSelector('main[aria-busy=false]')
    await hands.toEnd(0)
    await hands.press(/cas sock \d+ sk_bpf_storage: 0 →/)
    await page.keyboard.press('ArrowLeft')
    for (const cpu of [1, 0]) await hands.toEnd(cpu)
    for (const callback of [1, 2]) await hands.press(new RegExp(`^To end: callback ${callback} of CPU 0`))
    await hands.answer(await stepCalled(page, /^CPU 1: cas sock \d+ sk_bpf_storage: 0 →/))
  },
  museum: async (hands, page) => {
    await page.getByLabel('Exhibit').selectOption('D10')
    await page.waitForSelector('main[aria-busy=false]')
    await page.getByLabel('What will be reported?').selectOption('assertion')
    await stepFound(hands, page)
  },
  'free-play': predicted(3),
  litmus: predicted(3),
}
