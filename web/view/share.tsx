/**
 * The moment as a link, and as a line for the command.
 */

import { useState } from 'preact/hooks'
import { view } from '../state.ts'

/** Link and line, each with a button that copies it. */
export function Share() {
  const now = view.value?.now
  if (now === undefined || now.steps.length === 0) return null
  // A program without a name is one that only the page makes.
  const line = now.replay.startsWith('explore1 - ') ? undefined : `npx sk-storage replay '${now.replay}'`
  return (
    <section class="share" aria-label="Share this moment">
      <h2>Share this moment</h2>
      <p>
        <Copy text={() => location.href} what="Copy the link" />
        {line !== undefined && <Copy text={() => line} what="Copy the command" />}
      </p>
      {line === undefined ? (
        <p>The command has this exhibit as it is broken only.</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls
        <code class="replay" tabIndex={0}>
          {line}
        </code>
      )}
    </section>
  )
}

function Copy({ text, what }: { text: () => string; what: string }) {
  const [said, say] = useState('')
  const copy = async () => {
    try {
      // Only a page that came safely, or from this machine, has a clipboard.
      await navigator.clipboard.writeText(text())
      say('Copied')
    } catch {
      say('Copy it by hand: the browser refuses')
    }
    setTimeout(() => say(''), 1500)
  }
  return (
    <button type="button" onClick={copy}>
      {said || what}
    </button>
  )
}
