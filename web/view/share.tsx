/**
 * The moment as a link, as a line for the command, as a frame for another page, and as a drawing.
 */

import { useState } from 'preact/hooks'
import { saveText } from '../actions.ts'
import { lesson, place, view } from '../state.ts'

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
        <Copy text={frame} what="Copy a frame" />
        <button type="button" onClick={savePicture}>
          Save as SVG
        </button>
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

/** What shows the desk at this moment in another page. */
function frame(): string {
  const { origin, pathname, hash } = location
  const address = `${origin}${pathname}?embed${hash}`.replaceAll('&', '&amp;')
  return `<iframe src="${address}" width="1000" height="640" title="sk-storage: ${lesson.value.title}"></iframe>`
}

/** Has the browser save the drawing. */
async function savePicture(): Promise<void> {
  const { id, title } = lesson.value
  const { at } = place.value
  const { momentAsSvg } = await import('../svg.ts')
  saveText(`${id}-${at}.svg`, 'image/svg+xml', momentAsSvg(`${title}, step ${at}`))
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
