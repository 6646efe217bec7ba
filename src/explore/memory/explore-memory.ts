/**
 * A scenario under a memory model, from its first execution to its result.
 */
import { whereIs } from '../engine/place-in-source.ts'
import { restoreMemory, saveMemory } from '../engine/put-back.ts'
import { settleShadow } from '../engine/shadow.ts'
import { nameOfThread } from '../engine/state.ts'
import type { Program } from '../program/program.ts'
import { type Counts, type MemoryModel, type MemoryReport, noCounts, type Outcome, type Result } from '../result.ts'
import { MisuseError } from '../runtime/misuse-error.ts'
import { Refusal } from '../runtime/refusal.ts'
import { runtime } from '../runtime/runtime.ts'
import { isA, saidBy } from '../runtime/thrown-value.ts'
import type { Options } from '../scenario.ts'
import { type Asking, createAsking } from './asking.ts'
import { type Graph, INIT } from './graph.ts'
import { endKey, MODELS, machinesOf } from './hardware.ts'
import { type Buffering, createBuffering } from './load-buffering.ts'
import { initial, isQueueWord, poke } from './places.ts'
import { forEachRace } from './races.ts'
import { createThread, type ReplayedThread } from './replayed.ts'
import { callbackBegins } from './steps.ts'
import { type Shown, toldOf, witnessOf } from './told.ts'
import { lastingEnds, type Stuck, type WalkEnd, walk } from './walk.ts'
import { describeExecution, type Fault, placeText, raceText } from './weak-violation.ts'

/** Steps of an execution, where none are given: the walk goes as deep. */
const MOST_STEPS = 1_000
/** Events between two looks at the clock. */
const LOOK = 1023

/** What was seen since the walk began, or began again. */
interface Seen {
  counts: Counts
  readonly outcomes: Map<string, { count: number; model: MemoryModel; witness: string }>
  readonly races: Set<string>
  fault: Fault | undefined
}

interface Exploration {
  readonly program: Program
  readonly model: MemoryReport['model']
  readonly options: Options
  /** Those of the program, and behind them one for each callback. */
  threads: readonly ReplayedThread[]
  readonly asking: Asking
  readonly buffering: Buffering
  readonly started: number
  seen: Seen
  budget: Result['budget']
  asked: number
  newSteps: number
}

const nothingSeen = (): Seen => ({ counts: noCounts(), outcomes: new Map(), races: new Set(), fault: undefined })

/** Runs all executions of the model. The runtime has to be answered by what `createAsking` makes. */
export function exploreMemory(program: Program, options: Options): Result {
  const { x } = program
  saveMemory(x.memory)
  settleShadow(x.primitives.shadow)
  x.limits.stopAtFinding = false
  const asking = createAsking(x.memory, x.primitives.shadow)
  const it: Exploration = {
    program,
    model: options.memory!,
    options,
    threads: [],
    asking,
    buffering: createBuffering(),
    started: performance.now(),
    seen: nothingSeen(),
    budget: '',
    asked: 0,
    newSteps: 0,
  }
  const before = runtime.install(asking.engine)
  try {
    const ended = walkAll(it)
    if (ended === 'steps') tooLong(it)
    return resultOf(it, ended === 'all')
  } finally {
    runtime.install(before)
  }
}

/** Walks until nothing is new. */
function walkAll(it: Exploration): WalkEnd {
  const { program, asking, options } = it
  const { places, learned } = asking
  const { bodies, labels, names } = program.x.program
  for (;;) {
    learned.isNew = false
    it.threads = [
      ...bodies.map((body, t) => createThread(body, t, asking)),
      ...learned.helpers.map((helper, k) => {
        const t = bodies.length + k
        labels[t] = `${labels[helper.parent]}.${helper.nth + 1}`
        names[t] = `callback ${helper.nth + 1} of ${nameOfThread(program.x, helper.parent)}`
        return createThread(() => helper.start(), t, asking, callbackBegins(learned, k, t))
      }),
    ]
    const ended = walk({
      threads: it.threads,
      initial: (place) => initial(places, place),
      maxSteps: Math.min(options.maxSteps ?? MOST_STEPS, MOST_STEPS),
      begin: () => {
        it.seen = nothingSeen()
        it.buffering.forget()
      },
      visit: (g, stuck) => visit(it, g, stuck),
      goOn: () => !learned.isNew && goOn(it),
    })
    if (!learned.isNew || it.budget !== '') return ended
  }
}

/** Whether there is time left. */
function goOn(it: Exploration): boolean {
  it.newSteps++
  if (runtime.pulse !== null) runtime.pulse[0]++
  const { seconds = it.options.time ?? Number.POSITIVE_INFINITY, onProgress } = it.options
  if ((it.asked++ & LOOK) !== 0) return true
  const passed = (performance.now() - it.started) / 1000
  const { executions } = it.seen.counts
  onProgress?.({ executions, rate: executions / Math.max(passed, 0.001), seconds: passed, estimate: undefined })
  if (passed <= seconds) return true
  it.budget = 'time'
  return false
}

/** Looks at an execution that has ended. False: no more. */
function visit(it: Exploration, g: Graph, waiting: readonly Stuck[]): boolean {
  const { program, seen, model, options } = it
  if (it.asking.learned.isNew) return false
  // A callback that nobody has queued is none.
  const stuck = waiting.filter(({ access: { place } }) => !isQueueWord(place))
  const machines = machinesOf(g)
  const refusal = it.threads.find((thread) => isRefused(thread))
  let has: MemoryModel | undefined
  const within = MODELS.indexOf(model)
  for (const end of endsOf(it, g, stuck)) {
    const machine = machines.get(endKey(end))
    const its = machine?.model ?? 'ecma'
    if (MODELS.indexOf(its) > within) continue
    if (has === undefined || MODELS.indexOf(its) < MODELS.indexOf(has)) has = its
    let shown: Shown | undefined
    judge(it, g, () => (shown ??= { g, told: toldOf(g, machine), labels: program.x.program.labels }), stuck, end, its)
  }
  if (has === undefined) return true
  const { counts } = seen
  counts.executions++
  counts.steps += g.thread.length
  if (stuck.length > 0) counts.blocked++
  else counts.complete++
  it.buffering.note(g)
  forEachRace(g, (i, j) => seen.races.add(raceText(program, g, i, j)))
  if (refusal !== undefined) return false
  if (seen.fault?.model === 'sc' && options.keepGoing !== true) return false
  if (options.maxExecutions !== undefined && counts.executions >= options.maxExecutions) {
    it.budget = 'executions'
    return false
  }
  return true
}

const isRefused = (thread: ReplayedThread): boolean => {
  const end = thread.end()
  return end !== undefined && 'threw' in end && (isA(end.threw, Refusal) || isA(end.threw, MisuseError))
}

/** By word, which store is the last. */
type End = ReadonlyMap<number, number>

/** The ways in which the words may be left. */
function endsOf({ asking: { places } }: Exploration, g: Graph, stuck: readonly Stuck[]): End[] {
  let ends: Map<number, number>[] = [new Map()]
  for (const [place, stores] of g.stores) {
    if (stores.length === 0) continue
    const its = lastingEnds(g, place, stuck, (at) => initial(places, at))
    ends = ends.flatMap((end) => its.map((w) => new Map(end).set(place, w)))
  }
  return ends
}

/** Notes the outcome, and what is wrong with it. */
function judge(
  it: Exploration,
  g: Graph,
  show: () => Shown,
  stuck: readonly Stuck[],
  end: End,
  model: MemoryModel,
): void {
  const { program, seen, threads } = it
  const { places } = it.asking
  const { x } = program
  restoreMemory(x.memory)
  for (const [place, w] of end) if (w !== INIT && places.words.has(place)) poke(places, place, g.stored[w]!)
  x.findings.length = 0
  x.totals.executions++
  threads.forEach((thread, t) => {
    const how = thread.end()
    if (t < x.program.given) x.position.results[t] = how !== undefined && 'returned' in how ? how.returned : undefined
    if (how === undefined || !('threw' in how)) return
    const kind = isA(how.threw, Refusal) || isA(how.threw, MisuseError) ? 'refused' : 'assertion'
    note(it, show, { kind, message: `${nameOfThread(x, t)}: ${saidBy(how.threw)}`, model, stuck, error: how.threw })
  })
  if (threads.some((thread) => thread.end() !== undefined && 'threw' in thread.end()!)) return
  const isStuck = stuck.length > 0
  program.judge(isStuck ? 'blocked' : 'complete')
  for (const { kind, message, error } of x.findings) note(it, show, { kind, message, model, stuck, error })
  const waiting = stuck.filter(({ thread }) => x.program.daemons[thread] !== true)
  if (waiting.length > 0) {
    const message = waiting
      .map(({ thread, access }) => `${nameOfThread(x, thread)} waits for ever (${whereIs(access.site)})`)
      .join(', ')
    note(it, show, { kind: 'deadlock', message: `stuck: ${message}`, model, stuck, error: undefined })
  }
  const text = program.outcome(isStuck)
  const key = isStuck ? `${text} (blocked)`.trim() : text
  const known = seen.outcomes.get(key)
  if (known === undefined) seen.outcomes.set(key, { count: 1, model, witness: witnessOf(show()) })
  else {
    known.count++
    if (MODELS.indexOf(model) >= MODELS.indexOf(known.model)) return
    known.model = model
    known.witness = witnessOf(show())
  }
}

type Found = Pick<Fault, 'kind' | 'message' | 'model' | 'error'> & { readonly stuck: readonly Stuck[] }

/** Keeps what is wrong, if a stronger model has it than what was known. */
function note({ program, seen }: Exploration, show: () => Shown, found: Found): void {
  seen.counts.failing++
  const { fault } = seen
  const isWorse = fault === undefined || MODELS.indexOf(found.model) < MODELS.indexOf(fault.model)
  if (fault?.kind === 'refused' || (!isWorse && found.kind !== 'refused')) return
  seen.fault = { ...found, violation: describeExecution(program, show(), found) }
}

function tooLong(it: Exploration): void {
  const message = `an execution has more than ${Math.min(it.options.maxSteps ?? MOST_STEPS, MOST_STEPS)} steps: loops that wait are not followed under a memory model`
  it.seen.fault ??= {
    kind: 'refused',
    message,
    model: 'sc',
    error: undefined,
    violation: describeExecution(it.program, undefined, {
      kind: 'refused',
      message,
      model: 'sc',
      error: undefined,
    }),
  }
}

function resultOf(it: Exploration, all: boolean): Result {
  const { program, seen, buffering, model, budget, newSteps } = it
  const { fault } = seen
  const rank = ({ model: its }: Outcome) => MODELS.indexOf(its!)
  const outcomes = [...seen.outcomes].map(([outcome, { count, model: its, witness }]): Outcome => {
    return { outcome, count, witness, model: its }
  })
  return {
    scenario: program.name,
    strategy: `memory ${model}`,
    ...seen.counts,
    exhaustive: all && budget === '' && fault?.kind !== 'refused',
    timeouts: undefined,
    daemons: program.x.program.names.filter((_, t) => program.x.program.daemons[t] === true),
    budget,
    seed: undefined,
    violation: fault?.violation ?? null,
    notes: [],
    outcomes: outcomes.sort((a, b) => rank(a) - rank(b)),
    seconds: (performance.now() - it.started) / 1000,
    newSteps,
    peakAhead: 0,
    drawn: [...runtime.drawn, ...program.inputs()],
    estimate: undefined,
    coverage: undefined,
    memory: {
      model,
      loadBuffering: buffering.sites(model).map((site) => placeText(site)),
      races: [...seen.races].sort(),
      violates: fault?.model,
    },
  }
}
