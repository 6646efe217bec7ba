/**
 * Draws the memory. Every kind of object has a column, every object a row, and both stay where they are.
 */

import { goTo } from '../actions.ts'
import type { Arrow, Box, Field, Scene } from '../picture/scene.ts'
import { asked, toChange } from '../runs.ts'
import { announcement, place, view } from '../state.ts'
import { MemorySigns } from './signs.tsx'

const WIDTH = 166
const GAP = 44
const LINE = 18
const TITLE = 24
/** Letters of a title that a box has room for; a longer one is drawn narrower. */
const TITLE_LETTERS = 19
/** A row of the picture is as high as its highest box. */
const ROW_GAP = 26
const TOP = 26

interface Placed {
  readonly box: Box
  readonly x: number
  readonly y: number
  readonly height: number
}

const linesOf = ({ fields }: Box) =>
  fields.filter(({ cell }) => !cell).length + (fields.some(({ cell }) => cell) ? 1.4 : 0)
const heightOf = (box: Box) => TITLE + linesOf(box) * LINE + 22

function placed({ boxes }: Scene): Map<string, Placed> {
  const found = new Map<string, Placed>()
  const bottoms: number[] = []
  for (const box of boxes) {
    const y = bottoms[box.column] ?? TOP
    const height = heightOf(box)
    found.set(box.id, { box, x: 8 + box.column * (WIDTH + GAP), y, height })
    bottoms[box.column] = y + height + ROW_GAP
  }
  return found
}

/** The picture and, below it, who wrote the word that was chosen. */
export function MemoryPicture() {
  const scene = view.value?.scene
  if (scene === undefined) return <section class="memory" aria-label="Memory" />
  const boxes = placed(scene)
  const columns = Math.max(scene.columns.length, ...scene.boxes.map(({ column }) => column + 1))
  // Behind the last column there is room for arrows between boxes of it.
  const width = 16 + columns * (WIDTH + GAP)
  const height = Math.max(150, ...[...boxes.values()].map(({ y, height }) => y + height + 12))
  return (
    <section class="memory" aria-label="Memory">
      <div class="canvas">
        {/* biome-ignore lint/a11y/useSemanticElements: there are no field sets inside a drawing */}
        <svg
          viewBox={`0 0 ${width} ${height}`}
          style={{ width: `${width}px` }}
          role="group"
          aria-label="Objects in the shared memory"
        >
          <defs>
            <marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
              <path d="M0 0 8 4 0 8z" class="tip" />
            </marker>
            <marker
              id="tip-dangling"
              viewBox="0 0 8 8"
              refX="7"
              refY="4"
              markerWidth="7"
              markerHeight="7"
              orient="auto"
            >
              <path d="M0 0 8 4 0 8z" class="tip dangling" />
            </marker>
            <pattern id="hatch" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
              <path d="M0 0V7" class="hatching" />
            </pattern>
          </defs>
          {scene.columns.map((name, k) => (
            <text x={8 + k * (WIDTH + GAP)} y={16} class="column">
              {name}
            </text>
          ))}
          {[...boxes.values()].map((each) => (
            <BoxPicture key={each.box.id} {...each} />
          ))}
          {scene.arrows.map((arrow) => (
            <ArrowPicture key={`${arrow.from}.${arrow.field}`} arrow={arrow} boxes={boxes} />
          ))}
        </svg>
      </div>
      <MemorySigns />
      <Writer />
    </section>
  )
}

/** Where a field stands in its box. */
function spotOf({ fields }: Box, field: number): { x: number; y: number } {
  if (!fields[field].cell)
    return { x: WIDTH, y: TITLE + fields.slice(0, field).filter(({ cell }) => !cell).length * LINE + 12 }
  const first = fields.findIndex(({ cell }) => cell)
  return { x: 10 + (field - first) * 9.2 + 4, y: TITLE + first * LINE + 16 }
}

/** What makes a word of the memory a button. What a CPU has in its own hands is no word, and nobody wrote it. */
function choiceOf({ address, label, value }: Field, { title }: Box) {
  if (address === 0) return {}
  const choose = () => {
    const written = writerOf(address)
    // Chosen once more: there.
    if (asked.value === address && written !== undefined) goTo(written.step)
    else {
      asked.value = address
      announcement.value = written?.sentence ?? UNWRITTEN
    }
  }
  return {
    role: 'button' as const,
    // Not tabIndex, which is another attribute inside a drawing, and makes nothing reachable.
    tabindex: 0,
    'aria-label': `${label} ${value}, ${title}. Who wrote it?`,
    class: `field${asked.value === address ? ' asked' : ''}`,
    onClick: choose,
    onKeyDown: (event: KeyboardEvent) => {
      if (event.key !== 'Enter' && event.key !== ' ') return
      event.preventDefault()
      choose()
    },
  }
}

function BoxPicture({ box, x, y, height }: Placed) {
  return (
    <g transform={`translate(${x} ${y})`} class={`box ${box.standing}`}>
      <rect width={WIDTH} height={height} rx="6" class="body" />
      {box.standing === 'waiting' && <rect width={WIDTH} height={height} rx="6" fill="url(#hatch)" />}
      <text
        x="10"
        y="16"
        class="title"
        {...(box.title.length > TITLE_LETTERS && { textLength: WIDTH - 20, lengthAdjust: 'spacingAndGlyphs' })}
      >
        {box.title}
      </text>
      {box.fields.map((field, k) => {
        const spot = spotOf(box, k)
        return (
          <g key={field.label} {...choiceOf(field, box)}>
            {field.inSource !== undefined && <title>{`${field.inSource} in the source`}</title>}
            {field.cell ? (
              <rect
                x={spot.x - 4}
                y={spot.y - 5}
                width="8.4"
                height="14"
                class={`cell${field.value === '' ? '' : ' full'}`}
              />
            ) : (
              <>
                <rect x="4" y={spot.y - 11} width={WIDTH - 8} height={LINE - 1} rx="3" class="row" />
                <text x="10" y={spot.y + 2}>
                  {field.label}
                </text>{' '}
                <text x={WIDTH - 10} y={spot.y + 2} class="value">
                  {field.value}
                </text>
              </>
            )}
          </g>
        )
      })}
      <text x="10" y={height - 7} class={box.lock === '' ? 'standing' : 'standing lock'}>
        {box.lock === '' ? STANDINGS[box.standing] : box.lock}
      </text>
    </g>
  )
}

const STANDINGS: Record<Box['standing'], string> = {
  live: '',
  freed: 'freed',
  dangling: 'freed, still reachable',
  waiting: 'off all lists',
  private: 'not visible yet',
}

function ArrowPicture({ arrow, boxes }: { arrow: Arrow; boxes: ReadonlyMap<string, Placed> }) {
  const from = boxes.get(arrow.from)!
  const to = boxes.get(arrow.to)!
  const spot = spotOf(from.box, arrow.field)
  const cell = from.box.fields[arrow.field].cell === true
  const leftward = to.x < from.x
  const x1 = from.x + (cell ? spot.x : leftward ? 0 : spot.x)
  const y1 = from.y + spot.y + (cell ? 9 : -2)
  const x2 = leftward || to.x === from.x ? to.x + WIDTH : to.x
  // Arrows of different fields meet a box at different heights.
  const y2 = to.y + 12 + Math.min(to.height - 20, (arrow.field % 8) * 5)
  const bend = to.x === from.x ? 40 : Math.max(30, Math.abs(x2 - x1) / 2)
  const c1 = leftward ? x1 - bend : x1 + bend
  const c2 = leftward || to.x === from.x ? x2 + bend : x2 - bend
  // From a cell it goes along below the row and out of the box, so that it crosses no text.
  const edge = from.x + WIDTH + 4
  const start = cell ? `q0 4 4 4H${edge}C${edge + GAP / 2} ${y1 + 4}` : `C${c1} ${y1}`
  const end = cell ? x2 - GAP / 2 : c2
  return (
    <path
      d={`M${x1} ${y1}${start} ${end} ${y2} ${x2} ${y2}`}
      class={`arrow${arrow.dangling ? ' dangling' : ''}${leftward ? ' back' : ''}`}
      marker-end={arrow.dangling ? 'url(#tip-dangling)' : 'url(#tip)'}
    />
  )
}

const UNWRITTEN = 'Nobody has written this word yet: it is as setup left it.'

/** Who wrote a word last, and how many steps had been taken then; undefined for a word that is as setup left it. */
function writerOf(at: number) {
  const now = view.value!.now
  const k = now.steps.findLastIndex(({ stores, address }) => stores && address === at)
  if (k < 0) return undefined
  const { thread, before, after, source } = now.steps[k]
  const name = now.threads.find((each) => each.thread === thread)?.name
  return { step: k + 1, sentence: `${name} wrote it in step ${k + 1}: ${before} → ${after}`, source }
}

/** Who wrote the chosen word last, with the way there. */
function Writer() {
  if (view.value === null || asked.value === 0)
    return <p class="writer">Choose a word to see who wrote it last, and once more to go there.</p>
  const written = writerOf(asked.value)
  return (
    <p class="writer">
      {written === undefined ? (
        UNWRITTEN
      ) : (
        <>
          {written.sentence}, <code>{written.source}</code>{' '}
          {written.step !== place.value.at && (
            <button type="button" onClick={() => goTo(written.step)}>
              Go there
            </button>
          )}
        </>
      )}{' '}
      <button type="button" aria-keyshortcuts="w" onClick={toChange}>
        Next change
      </button>
    </p>
  )
}
