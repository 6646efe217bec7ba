/**
 * What a search of the page has come to: the finding, or the table of outcomes, beside what the reader expected.
 */

import { ENDS, endsOf, isRight } from '../../lessons/prediction.ts'
import { isPredicted, openSchedule, predictionHere, summary, toldHere } from '../search.ts'
import type { Told } from '../search-worker.ts'
import { named } from '../state.ts'

type Done = Extract<Told, { kind: 'done' }>

const ALWAYS = 'Every interleaving fails, in this way or in another: there was never a way to end well.'

/** What was expected beside what is so; nothing where nobody knows. */
function Compared({ told }: { told: Done }) {
  const expected = predictionHere()
  const ends = endsOf(told)
  if (expected === undefined || expected.ends === 'unsure' || ends === undefined) return null
  const counted = isPredicted()
  const words = ENDS.find(([each]) => each === expected.ends)![1]
  const number = counted && expected.ends === 'fine' ? `, with ${expected.outcomes} different outcomes` : ''
  const right = isRight(expected, told, counted)
  return (
    <p class="compared">
      You expected: {words[0].toLowerCase() + words.slice(1)}
      {number}. {right ? 'So it is.' : 'It is otherwise.'}
    </p>
  )
}

/** What came out when all ended well, each with an order to step. */
function OutcomeTable({ outcomes }: Pick<Done, 'outcomes'>) {
  return (
    <table>
      <thead>
        <tr>
          <th>Outcome</th>
          <th>Count</th>
          <th>Witness</th>
        </tr>
      </thead>
      <tbody>
        {outcomes.map(({ outcome, count, witness }) => (
          <tr key={outcome}>
            <td>{outcome === '' ? 'all ended' : outcome.replace(/(^|; )(?=\d+: )/g, '$1CPU ')}</td>
            <td>{count.toLocaleString('en')}</td>
            <td>
              <button type="button" aria-label={`Step ${outcome}`} onClick={() => openSchedule(witness)}>
                Step it
              </button>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** What is known of the order that fails: why, and from where on nothing could save it. */
function Failing({ violation }: { violation: NonNullable<Done['violation']> }) {
  const { inflection, schedule, why } = violation
  return (
    <>
      {why.length > 0 && (
        <ul>
          {why.map((line) => (
            <li key={line}>{named(line)}</li>
          ))}
        </ul>
      )}
      {inflection === 0 && <p>{ALWAYS}</p>}
      {(inflection ?? 0) > 0 && (
        <p>
          Lost at{' '}
          <button type="button" onClick={() => openSchedule(schedule, inflection!)}>
            step {inflection}
          </button>
          : before it there was still a way to end well.
        </p>
      )}
      <p>
        <button type="button" onClick={() => openSchedule(schedule)}>
          Show it
        </button>
      </p>
    </>
  )
}

/** The result of the search of what the page shows. */
export function Found() {
  const told = toldHere()
  if (told?.kind !== 'done') return null
  return (
    <>
      <p class={told.violation === null ? 'right' : 'wrong'}>{summary(told)}</p>
      <Compared told={told} />
      {told.violation === null && told.outcomes.length > 0 && <OutcomeTable outcomes={told.outcomes} />}
      {told.violation !== null && <Failing violation={told.violation} />}
    </>
  )
}
