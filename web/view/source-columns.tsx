/**
 * The source of each CPU's current function: the real text, with the step just taken and the one that comes next.
 */

import { useEffect, useRef } from 'preact/hooks'
import type { Moment, Site, ThreadView } from '../../src/explore/internals.ts'
import { toLine } from '../runs.ts'
import type { FunctionPlace, SourceFile } from '../source-file.ts'
import { named, place, view } from '../state.ts'
import { Coded } from './coded.tsx'
import { functionAround, sourceOf } from './sources.ts'

/** Whether that is a callback of this CPU which still has something to do. */
const isCallbackOf = (cpu: ThreadView, { label, status }: ThreadView) =>
  label.startsWith(`${cpu.label}.`) && status !== 'ended'

/** One column for each CPU. */
export function SourceColumns() {
  const now = view.value?.now
  if (now === undefined) return <div class="sources" />
  // A CPU that has ended makes room for its callbacks, so that the columns stay as many as they are.
  const shown = now.threads
    .filter(({ label }) => !label.includes('.'))
    .map((thread) =>
      thread.status === 'ended' ? (now.threads.find((each) => isCallbackOf(thread, each)) ?? thread) : thread,
    )
  return (
    <div class="sources">
      {shown.map((thread, cpu) => (
        <SourceColumn key={cpu} thread={thread} now={now} />
      ))}
    </div>
  )
}

/** A CPU's part of the litmus program, a statement a line. Sites count CPUs and statements from 1. */
function litmusSource(cpu: number): SourceFile {
  const statements = place.value.text.split('|')[cpu - 1]?.split(';') ?? []
  const shown = statements.map((statement) => statement.trim()).filter((statement) => statement !== '')
  return shown.map((statement) => ['', statement])
}

/** Where the line is typed that a CPU is to run to. */
function ToLine({ thread, line }: { thread: ThreadView; line: number }) {
  const run = (event: SubmitEvent) => {
    event.preventDefault()
    const field = (event.currentTarget as HTMLFormElement).elements[0] as HTMLInputElement
    const wanted = Number(field.value)
    field.value = ''
    field.blur()
    if (wanted > 0) toLine(thread, wanted)
  }
  return (
    <form class="to-line" onSubmit={run}>
      <input
        id={`line${thread.thread}`}
        type="number"
        min={1}
        placeholder={`${line}`}
        title="Run to this line: type it, and Enter"
        aria-label={`Run ${thread.name} to line`}
      />
    </form>
  )
}

/** A place in a source: the file's name from the root, and a line. */
type Line = Pick<Site, 'file' | 'line'>

/**
 * The line that a generated program has called a function from, while that is stepped: the program keeps it in a
 * variable of this name (`scripts/bpf-module.js`).
 */
function calledFrom({ calls }: ThreadView): Line | undefined {
  const locals = calls.flatMap(({ locals }) => locals)
  const [, file, line] = /^(.*):(\d+)$/.exec(String(locals.findLast(({ name }) => name === 'calledFrom')?.value)) ?? []
  return file === undefined ? undefined : { file, line: Number(line) }
}

function SourceColumn({ thread, now }: { thread: ThreadView; now: Moment }) {
  const last = now.steps.findLast(({ label }) => label === thread.label)
  const site = thread.next?.site ?? last?.at
  const isLitmus = site?.file === 'litmus'
  const source = isLitmus ? litmusSource(site.line) : site === undefined ? undefined : sourceOf(site.file)
  const around = site === undefined ? undefined : functionAround(site)
  const lineOf = (at: Site | undefined) => (isLitmus ? at?.column : at?.line) ?? 0
  const line = lineOf(site)
  const caller = calledFrom(thread)
  const callers = caller !== undefined && caller.file !== site?.file ? sourceOf(caller.file) : undefined
  const isLast = last?.at?.file === site?.file && (!isLitmus || last?.at?.line === site?.line)
  return (
    <section class={`source cpu${thread.thread % 4}`} aria-label={`Source of ${thread.name}`}>
      <h3>
        {thread.name} <code>{around?.[0]}</code>
        <span class="file">{site === undefined || isLitmus ? '' : site.file.replace(/^.*\//, '')}</span>
        {site !== undefined && !isLitmus && <ToLine thread={thread} line={line} />}
      </h3>
      {callers !== undefined && (
        <SourceText source={callers} last={caller!.line} around={functionAround(caller!)} caller />
      )}
      {source === undefined ? (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls
        <pre tabIndex={0}>
          {site !== undefined && <span class={`line ${thread.next ? 'next' : 'last'}`}>{site.source}</span>}
        </pre>
      ) : (
        <SourceText
          source={source}
          next={thread.next?.site === undefined ? undefined : line}
          last={isLast ? lineOf(last?.at) : undefined}
          around={around}
          run={(to) => toLine(thread, to)}
        />
      )}
      <p class="next-step">
        {thread.status === 'ended'
          ? `ended${thread.result === undefined ? '' : `, returned ${String(thread.result)}`}`
          : thread.status === 'blocked'
            ? named(thread.why)
            : named(`next: ${thread.next?.operation} ${thread.next?.place}`)}
      </p>
    </section>
  )
}

interface Shown {
  readonly source: SourceFile
  /** The lines of the next step and of the last one, from 1. */
  readonly next?: number | undefined
  readonly last?: number | undefined
  readonly around: FunctionPlace | undefined
  /** It has called what is stepped below it. */
  readonly caller?: boolean
  /** Runs to a line. */
  readonly run?: (line: number) => void
}

/** A source, scrolled to where the CPU is. */
function SourceText({ source, next, last, around, caller = false, run }: Shown) {
  const box = useRef<HTMLPreElement>(null)
  useEffect(() => {
    const marked = box.current?.querySelector<HTMLElement>('.next, .last')
    if (marked && box.current) box.current.scrollTop = marked.offsetTop - box.current.clientHeight / 3
  }, [source, next ?? last])
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls
    <pre ref={box} tabIndex={0} class={caller ? 'caller' : ''}>
      {source.map((pieces, k) => {
        const number = k + 1
        const outside = around !== undefined && (number < around[1] || number > around[2])
        return (
          <span
            key={number}
            class={`line${number === next ? ' next' : ''}${number === last ? ' last' : ''}${outside ? ' outside' : ''}`}
          >
            {/* biome-ignore lint/a11y: the field above does the same by keyboard */}
            <span class="number" title={run && 'Run to this line'} onClick={() => run?.(number)}>
              {number}
            </span>
            {Array.from({ length: pieces.length / 2 }, (_, p) => (
              <span class={pieces[p * 2]}>
                {pieces[p * 2] === 'comment' ? <Coded text={pieces[p * 2 + 1]} /> : pieces[p * 2 + 1]}
              </span>
            ))}
            {'\n'}
          </span>
        )
      })}
    </pre>
  )
}
