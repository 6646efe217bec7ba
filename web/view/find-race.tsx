/**
 * "Find the race": the explorer beside the page, with live counts, its finding or the table of outcomes.
 */

import { openSchedule, startSearch, stopSearch, summary, toldHere } from '../search.ts'

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
          {told.estimate === undefined ? '' : ` of about ${told.estimate.toLocaleString('en')}`} …
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
                    <td>{outcome || 'both ended'}</td>
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
            <p>
              <button type="button" onClick={() => openSchedule(told.violation!.schedule)}>
                Show it
              </button>
            </p>
          )}
        </>
      )}
    </section>
  )
}
