/**
 * A moment of an execution of a memory model: what each thread may read next, besides what any moment tells.
 */
import { nameOfThread } from './engine/state.ts'
import { seenFrom } from './memory/bytes.ts'
import { follow, isOfModel, readableIn, stuckIn } from './memory/follow.ts'
import { atomicStoresTo, cellsOf, type Graph, INIT, type Sources, storesTo } from './memory/graph.ts'
import { endKey, MODELS, machinesOf } from './memory/hardware.ts'
import { type End, endsOf, isRefused, judge, leaveWords, storesAtEnd, type Wrong as WrongEnd } from './memory/judge.ts'
import { addressOf, addressOfLock, addressOfWaiters, isQueueWord, lockAt, sectionOf } from './memory/places.ts'
import { answeredBy, createSetting, initially, MOST_STEPS, type Setting, startThreads } from './memory/setting.ts'
import type { Step as WeakStep } from './memory/step.ts'
import { type Shown, scheduleOf, toldIn } from './memory/told.ts'
import { walk } from './memory/walk.ts'
import { type Asked, lineOf, nameOfPlace, stepsOf, textOfValue } from './memory/weak-violation.ts'
import type { Moment, StoreView, ThreadView } from './moment.ts'
import type { Program } from './program/program.ts'
import type { MemoryReport, ViolationKind } from './result.ts'
import { GRACE, KINDS, LOCK, NOTIFY, WAIT } from './runtime/kinds.ts'
import { runtime } from './runtime/runtime.ts'
import type { EndStore } from './schedule/schedule.ts'

type Model = MemoryReport['model']

/** Executions that are run to learn who reads in sections and which callbacks there are. */
const LEARNING = 300

/** Looks around in executions of that model. Gives what takes the steps of a schedule from the start. */
export function createWeakMoments(program: Program, model: Model) {
  const setting = createSetting(program, model)
  program.answering(() => answeredBy(setting, () => learn(setting)))
  return (steps: readonly (number | string)[], ends: readonly EndStore[]): Moment =>
    answeredBy(setting, () => momentAfter(Object.assign(setting, { model }), steps, ends))
}

/**
 * Which steps a grace period takes depends on who reads in sections, and that must be known before the first of them:
 * moments that lead to each other are of the same steps.
 */
function learn(setting: Setting): void {
  const { learned } = setting.asking
  do {
    startThreads(setting)
    let left = LEARNING
    walk({
      threads: setting.threads,
      initial: initially(setting),
      maxSteps: MOST_STEPS,
      begin: () => {},
      visit: () => --left > 0,
      goOn: () => !learned.isNew,
    })
  } while (learned.isNew)
}

function momentAfter(
  asked: Asked & { readonly model: Model },
  steps: readonly (number | string)[],
  ends: readonly EndStore[],
): Moment {
  const { program, model } = asked
  const { labels } = program.x.program
  const { g, diverged } = follow(asked, steps)
  const isOf = isOfModel(g, model)
  const threads = asked.threads.flatMap((_, t) => (isThere(asked, g, t) ? [threadView(asked, g, t)] : []))
  const isOver = threads.every(({ status }) => status !== 'ready')
  const hasThrown = asked.threads.some((thread) => threwIn(thread.end()))
  const stuck = stuckIn(asked).filter(({ access }) => !isQueueWord(access.place))
  const { end, wrong } = endOf(asked, g, isOver ? stuck : [], isOver || hasThrown ? ends : undefined)
  leaveWords(asked, g, end)
  const told = toldIn(
    g,
    g.thread.map((_, i) => i),
    end,
  )
  const shown: Shown = { g, told, labels, stuck: stuck.map(({ thread }) => thread) }
  return {
    schedule: scheduleOf(shown),
    steps: stepsOf(program, shown).map((step, i) => {
      const { kind, site, place } = g.access[i] as WeakStep
      return {
        ...step,
        kind,
        site,
        label: labels[step.thread],
        address: addressOfLock(place) ?? addressOfWaiters(place) ?? addressOf(place),
        at: siteAt(site),
      }
    }),
    threads,
    locks: heldLocks(asked, g),
    objects: [],
    ending: hasThrown ? 'stopped' : !isOver ? 'running' : stuck.length === 0 ? 'complete' : 'blocked',
    wrong: wrong === undefined ? null : { kind: wrong.kind as ViolationKind, message: wrong.message, steps: [] },
    diverged: diverged ?? (isOf ? undefined : { step: steps.length, why: `no execution of ${model} is like that` }),
    replay: lineOf(asked, shown),
  }
}

const siteAt = (site: number) => runtime.sites[site]

const threwIn = (end: object | undefined): boolean => end !== undefined && 'threw' in end

/** A callback is there when it has been queued. */
function isThere({ threads }: Setting, g: Graph, t: number): boolean {
  const access = threads[t].pending()
  return access === undefined || !isQueueWord(access.place) || storesTo(g, access.place).length > 0
}

/**
 * How the words are left: as the latest stores have them, or as is said. Of an execution that is over, and of which
 * nothing is said, the first end with which something is wrong.
 */
function endOf(
  asked: Asked & { readonly model: Model },
  g: Graph,
  stuck: Parameters<typeof endsOf>[2],
  said: readonly EndStore[] | undefined,
): { end: End; wrong?: WrongEnd | undefined } {
  const latest: End = new Map([...g.stores].flatMap(([place, its]) => (its.length === 0 ? [] : [[place, its.at(-1)!]])))
  if (said === undefined) return { end: latest }
  const machines = machinesOf(g)
  const within = MODELS.indexOf(asked.model)
  const its = storesAtEnd(g, said)
  const isSaid = (end: End) => [...its].every(([cell, w]) => end.get(cell) === w)
  const ends = endsOf(asked, g, stuck).filter(
    (end) => MODELS.indexOf(machines.get(endKey(end))?.model ?? 'ecma') <= within && isSaid(end),
  )
  // That of the latest stores first: it is how most executions are left.
  ends.sort((a, b) => Number(endKey(b) === endKey(latest)) - Number(endKey(a) === endKey(latest)))
  for (const end of ends) {
    const [wrong] = judge(asked, g, stuck, end).wrong
    if (wrong !== undefined) return { end, wrong }
  }
  return { end: ends[0] ?? latest }
}

function threadView(asked: Asked & { readonly model: Model }, g: Graph, t: number): ThreadView {
  const { program, threads, model } = asked
  const thread = threads[t]
  const access = thread.pending() as WeakStep | undefined
  const end = thread.end()
  const stores = access?.reads === true ? readableIn(asked, g, t, model) : []
  const isReady = access !== undefined && (!access.reads || stores.length > 0) && !threads.some(isRefused)
  const status = access === undefined ? 'ended' : isReady ? 'ready' : 'blocked'
  const wait = access !== undefined && status === 'blocked' ? waitOf(asked, g, access) : undefined
  return {
    thread: t,
    label: program.x.program.labels[t],
    name: nameOfThread(program.x, t),
    status,
    why: wait?.why ?? '',
    waitsFor: wait?.whom,
    next: access && {
      operation: KINDS[access.kind].name,
      place: nameOfPlace(program, access.place),
      site: siteAt(access.site),
      ...(access.reads && { mayRead: stores.map((from) => storeView(asked, g, from, access)) }),
    },
    result: end !== undefined && 'returned' in end ? end.returned : undefined,
    calls: access === undefined ? [] : thread.calls(),
    inReadSection: isOdd(latestAt(asked, g, sectionOf(t))),
  }
}

/** A store that a load may read, for whoever chooses. */
function storeView(asked: Setting, g: Graph, from: Sources, access: WeakStep): StoreView {
  const [w] = from
  const isOne = from.every((each) => each === w)
  return {
    step: w + 1,
    ...(!isOne && { bytes: from.map((each) => each + 1) }),
    thread: isOne && w !== INIT ? g.thread[w] : undefined,
    value: textOfValue(asked.program, access, seenFrom(g, access, from, initially(asked))),
    isLatest: cellsOf(access).every((cell, k) => from[k] === (storesTo(g, cell).at(-1) ?? INIT)),
  }
}

const isOdd = (value: number | bigint) => Number(value) % 2 === 1

/** What the last of a word's SeqCst stores has left there. */
function latestAt(asked: Setting, g: Graph, place: number): number | bigint {
  const last = atomicStoresTo(g, place).at(-1)
  return last === undefined ? initially(asked)(place) : g.stored[last]!
}

function waitOf(asked: Setting, g: Graph, { kind, place }: WeakStep): { why: string; whom: number | undefined } {
  const { x } = asked.program
  if (kind === GRACE) {
    const whom = asked.threads.findIndex((_, t) => sectionOf(t) === place)
    return { whom, why: `waits for a grace period: ${nameOfThread(x, whom)} is inside a read section` }
  }
  const name = nameOfPlace(asked.program, place)
  const waitedFor = addressOfWaiters(place)
  if (waitedFor !== undefined) {
    const looks = kind === WAIT || kind === NOTIFY
    const why = looks
      ? `waits until another thread has looked at the ${name}`
      : `sleeps on ${asked.program.placeName(waitedFor)}`
    return { whom: undefined, why }
  }
  if (kind !== LOCK) return { whom: undefined, why: `waits for ${name} to change` }
  const whom = Number(latestAt(asked, g, place)) - 1
  return { whom, why: `waits for ${name}, held by ${nameOfThread(x, whom)}` }
}

function heldLocks(asked: Setting, g: Graph): Moment['locks'] {
  return [...g.stores.keys()].flatMap((place) => {
    const address = addressOfLock(place)
    if (address === undefined) return []
    const owner = Number(latestAt(asked, g, lockAt(address))) - 1
    return owner < 0 ? [] : [{ address, place: asked.program.placeName(address), owner }]
  })
}
