/**
 * The moment as a link, and as a line for the command.
 */

import { useState } from 'preact/hooks'
import { view } from '../state.ts'

/** Link and line, each with a button that copies it. */
export function Share() {
  const now = view.value?.now
  if (now === undefined || now.steps.length === 0) return null
  const line = `npx sk-storage replay '${now.replay}'`
  return (
    <section class="share" aria-label="Share this moment">
      <h2>Share this moment</h2>
      <p>
        <Copy text={() => location.href} what="Copy the link" />
        <Copy text={() => line} what="Copy the command" />
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls */}
      <code class="replay" tabIndex={0}>
        {line}
      </code>
    </section>
  )
}

function Copy({ text, what }: { text: () => string; what: string }) {
  const [copied, setCopied] = useState(false)
  const copy = async () => {
    await navigator.clipboard?.writeText(text())
    setCopied(true)
    setTimeout(() => setCopied(false), 1500)
  }
  return (
    <button type="button" onClick={copy}>
      {copied ? 'Copied' : what}
    </button>
  )
}
