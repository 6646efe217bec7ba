/**
 * A scenario under a memory model, from its first execution to its result.
 */
import { restoreMemory } from '../engine/put-back.ts'
import { reset } from '../engine/reset.ts'
import type { Program } from '../program/program.ts'
import { type Counts, type MemoryModel, type MemoryReport, noCounts, type Result } from '../result.ts'
import { runtime } from '../runtime/runtime.ts'
import type { Options } from '../scenario.ts'
import { readReplayLine } from '../schedule/replay-line.ts'
import type { CreateSampler } from '../search/sampler.ts'
import { strategyNamed } from '../search/strategies.ts'
import type { Graph } from './graph.ts'
import { endKey, isOfMachine, type Machine, MODELS, machinesOf } from './hardware.ts'
import { type End, endsOf, isRefused, judge, type Wrong } from './judge.ts'
import { type Buffering, createBuffering } from './load-buffering.ts'
import { noteOutcome, type OutcomeTable, sortedOutcomes } from './outcome-table.ts'
import { isQueueWord } from './places.ts'
import { createRaces, noteRaces, type Races, racesTold } from './race-table.ts'
import { replayMemory } from './replay-memory.ts'
import { sample } from './sample.ts'
import { answeredBy, createSetting, initially, MOST_STEPS, type Setting, startThreads } from './setting.ts'
import { isSimpler, type Shown } from './told.ts'
import { type Stuck, type WalkEnd, walk } from './walk.ts'
import { describeExecution, type Fault, placeText, shownAs } from './weak-violation.ts'

/** Events between two looks at the clock. */
const LOOK = 1023

/** pct's d. */
const DEPTH = 3
/** Executions that are looked through for a simpler one, where one that fails would have ended the walk. */
const SHRINKING = 1_000

/** What was seen since the walk began, or began again. */
interface Seen {
  counts: Counts
  readonly outcomes: OutcomeTable
  readonly races: Races
  fault: Fault | undefined
  /** How many more executions may be run to find a simpler one that fails. Undefined: none has ended the walk. */
  left: number | undefined
}

interface Exploration extends Setting {
  readonly model: MemoryReport['model']
  readonly options: Options
  readonly buffering: Buffering
  readonly started: number
  /** What a sample is drawn by; none: all executions are walked. */
  readonly samplers: readonly CreateSampler[]
  readonly seed: number | undefined
  seen: Seen
  budget: Result['budget']
  /** The time was over while a simpler execution was looked for. */
  outOfTime: boolean
  asked: number
  newSteps: number
}

const nothingSeen = (): Seen => ({
  counts: noCounts(),
  outcomes: new Map(),
  races: createRaces(),
  fault: undefined,
  left: undefined,
})

/** Runs all executions of the model. The runtime has to be answered by what `createAsking` makes. */
export function exploreMemory(program: Program, options: Options): Result {
  reset(program.x)
  const { exact, samplers } = strategyNamed(options.strategy ?? 'optimal')
  const it: Exploration = {
    samplers,
    seed: exact ? undefined : (options.seed ?? Math.floor(Math.random() * 0x7fffffff)),
    ...createSetting(program, options.memory!),
    model: options.memory!,
    options,
    buffering: createBuffering(),
    started: performance.now(),
    seen: nothingSeen(),
    budget: '',
    outOfTime: false,
    asked: 0,
    newSteps: 0,
  }
  runtime.drawn.clear()
  return answeredBy(it, () => {
    const ended = walkAll(it)
    if (ended === 'steps') tooLong(it)
    return resultOf(it, ended === 'all')
  })
}

/** Walks until nothing is new, or draws. */
function walkAll(it: Exploration): WalkEnd {
  const { asking, options, samplers, seed = 0 } = it
  const { learned } = asking
  const visitor = {
    maxSteps: Math.min(options.maxSteps ?? MOST_STEPS, MOST_STEPS),
    begin: () => {
      it.seen = nothingSeen()
      it.buffering.forget()
    },
    visit: (g: Graph, stuck: readonly Stuck[]) => visit(it, g, stuck),
    goOn: () => goOn(it),
  }
  if (samplers.length > 0) {
    const { depth = DEPTH, maxExecutions: draws = Number.POSITIVE_INFINITY } = options
    const ended = sample(it, { samplers, seed, depth, draws, ...visitor })
    if (ended !== 'drawn') return ended
    if (it.seen.left === undefined) it.budget = 'executions'
    return 'stopped'
  }
  for (;;) {
    startThreads(it)
    const ended = walk({
      ...visitor,
      threads: it.threads,
      initial: initially(it),
      goOn: () => !learned.isNew && goOn(it),
      isAskedFor: it.model === 'ecma' ? undefined : (g) => isOfMachine(g, it.model),
    })
    if (!learned.isNew || it.budget !== '' || it.outOfTime) return ended
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
  if (it.seen.left === undefined) it.budget = 'time'
  else it.outOfTime = true
  return false
}

/** Looks at an execution that has ended. False: no more. */
function visit(it: Exploration, g: Graph, waiting: readonly Stuck[]): boolean {
  const { seen, model, options } = it
  if (it.asking.learned.isNew) return false
  // A callback that nobody has queued is none.
  const stuck = waiting.filter(({ access: { place } }) => !isQueueWord(place))
  const machines = machinesOf(g)
  const refusal = it.threads.find((thread) => isRefused(thread))
  const within = MODELS.indexOf(model)
  const isCounted = seen.left === undefined
  let isOfModel = false
  for (const end of endsOf(it, g, stuck)) {
    const machine = machines.get(endKey(end))
    const its = machine?.model ?? 'ecma'
    if (MODELS.indexOf(its) > within) continue
    isOfModel = true
    look(it, { g, stuck, end, machine }, isCounted)
  }
  if (!isOfModel) return true
  if (!isCounted) return --seen.left! > 0
  const { counts } = seen
  counts.executions++
  counts.steps += g.thread.length
  if (stuck.length > 0) counts.blocked++
  else counts.complete++
  it.buffering.note(g)
  if (refusal !== undefined) return false
  if (seen.fault?.model === 'sc' && options.keepGoing !== true) {
    seen.left = SHRINKING
    return options.shrink !== false
  }
  if (options.maxExecutions !== undefined && counts.executions >= options.maxExecutions) {
    it.budget = 'executions'
    return false
  }
  return true
}

/** An execution with one of its ends. */
interface Ended {
  readonly g: Graph
  readonly stuck: readonly Stuck[]
  readonly end: End
  readonly machine: Machine | undefined
}

/** Judges it, and notes what is wrong with it and its outcome. */
function look(it: Exploration, { g, stuck, end, machine }: Ended, isCounted: boolean): void {
  const { seen } = it
  const model = machine?.model ?? 'ecma'
  let shown: Shown | undefined
  const show = () => (shown ??= shownAs(it, g, machine, end, stuck))
  const { wrong, outcome } = judge(it, g, stuck, end)
  if (isCounted) seen.counts.failing += wrong.length
  for (const each of wrong) note(it, show, each, model)
  if (!isCounted) return
  if (outcome !== undefined) noteOutcome(it, seen.outcomes, outcome, model, show)
  noteRaces(it, seen.races, { g, machine, outcome, show })
}

/** Keeps what is wrong, if a stronger model has it than what was known, or a simpler execution. */
function note(it: Exploration, show: () => Shown, wrong: Wrong, model: MemoryModel): void {
  const { seen, options } = it
  const { fault } = seen
  if (fault?.wrong.kind === 'refused') return
  const isStronger = fault === undefined || MODELS.indexOf(model) < MODELS.indexOf(fault.model)
  if (isStronger || wrong.kind === 'refused') seen.fault = describeExecution(it, show(), wrong, model)
  else if (fault.model === model && fault.wrong.kind === wrong.kind && options.shrink !== false) {
    if (isSimpler(show().told, fault.intricacy)) {
      const { violation, ...simpler } = describeExecution(it, show(), wrong, model)
      seen.fault = { ...simpler, violation: { ...violation, found: fault.violation.found } }
    }
  }
}

function tooLong(it: Exploration): void {
  const message = `an execution has more than ${Math.min(it.options.maxSteps ?? MOST_STEPS, MOST_STEPS)} steps: loops that wait are not followed under a memory model`
  it.seen.fault ??= describeExecution(it, undefined, { kind: 'refused', message, error: undefined }, 'sc')
}

function resultOf(it: Exploration, all: boolean): Result {
  const { program, seen, buffering, model, budget, newSteps } = it
  const fault = seen.fault && verified(it, seen.fault)
  const outcomes = sortedOutcomes(seen.outcomes)
  const loadBuffering = buffering.sites(model).map((site) => placeText(site))
  const allButBuffering = all && budget === '' && seen.left === undefined && fault?.wrong.kind !== 'refused'
  return {
    scenario: program.name,
    strategy: `memory ${model}${it.samplers.length === 0 ? '' : `, ${it.options.strategy}`}`,
    ...seen.counts,
    exhaustive: allButBuffering && loadBuffering.length === 0,
    timeouts: undefined,
    daemons: program.x.program.names.filter((_, t) => program.x.program.daemons[t] === true),
    budget,
    seed: it.seed,
    violation: fault === undefined ? null : { ...fault.violation, outOfTime: it.outOfTime },
    notes: [],
    outcomes,
    seconds: (performance.now() - it.started) / 1000,
    newSteps,
    peakAhead: 0,
    drawn: [...runtime.drawn, ...program.inputs()],
    estimate: undefined,
    coverage: undefined,
    memory: {
      model,
      loadBuffering,
      allButBuffering,
      races: racesTold(seen.races, outcomes),
      violates: fault?.model,
    },
  }
}

/** The fault, whose line replays it; if it leads elsewhere, without a line. */
function verified(it: Exploration, fault: Fault): Fault {
  const { replay } = fault.violation
  if (replay === '') return fault
  restoreMemory(it.program.x.memory)
  const again = replayMemory(it.program, readReplayLine(replay), MOST_STEPS)
  if (again.diverged === undefined && again.violation?.message === fault.violation.message) return fault
  const why = again.diverged?.why ?? 'nothing is wrong with it then'
  return {
    ...fault,
    violation: { ...fault.violation, replay: '', why: [...fault.violation.why, `no line replays it: ${why}`] },
  }
}
