/**
 * "Find the race": the explorer beside the page, with live counts, its finding or the table of outcomes.
 */

import { openSchedule, startSearch, stopSearch, summary, toldHere } from '../search.ts'
import { named } from '../state.ts'

const ALWAYS = 'Every interleaving fails, in this way or in another: there was never a way to end well.'

/** The button, the counts and the result. */
export function FindRace() {
  const told = toldHere()
  const searching = told?.kind === 'progress'
  return (
    <section class="find" aria-label="Find the race">
      <h2>Find the race</h2>
      <p>
        <button type="button" class="primary" onClick={searching ? stopSearch : startSearch}>
          {searching ? 'Stop' : 'Explore every interleaving'}
        </button>
      </p>
      {told?.kind === 'progress' && (
        <p role="status">
          {told.executions.toLocaleString('en')} interleavings
          {told.estimate === undefined ? '' : `, of ${told.estimate.toLocaleString('en')} or more`} …
        </p>
      )}
      {told?.kind === 'failed' && <p class="wrong">{told.message}</p>}
      {told?.kind === 'done' && (
        <>
          <p class={told.violation === null ? 'right' : 'wrong'}>{summary(told)}</p>
          {told.violation === null && told.outcomes.length > 0 && (
            <table>
              <thead>
                <tr>
                  <th>Outcome</th>
                  <th>Count</th>
                  <th>Witness</th>
                </tr>
              </thead>
              <tbody>
                {told.outcomes.map(({ outcome, count, witness }) => (
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
          )}
          {told.violation !== null && (
            <>
              {told.violation.why.length > 0 && (
                <ul>
                  {told.violation.why.map((line) => (
                    <li key={line}>{named(line)}</li>
                  ))}
                </ul>
              )}
              {told.violation.inflection === 0 && <p>{ALWAYS}</p>}
              {(told.violation.inflection ?? 0) > 0 && (
                <p>
                  Lost at{' '}
                  <button
                    type="button"
                    onClick={() => openSchedule(told.violation!.schedule, told.violation!.inflection!)}
                  >
                    step {told.violation.inflection}
                  </button>
                  : before it there was still a way to end well.
                </p>
              )}
              <p>
                <button type="button" onClick={() => openSchedule(told.violation!.schedule)}>
                  Show it
                </button>
              </p>
            </>
          )}
        </>
      )}
    </section>
  )
}
