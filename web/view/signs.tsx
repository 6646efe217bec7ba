/**
 * What the signs mean, below the pictures and in the list of keys.
 */

export function MemorySigns() {
  return (
    <p class="legend">
      <span class="swatch dangling" /> freed, still reachable <span class="swatch waiting" /> off all lists, not freed{' '}
      <span class="swatch private" /> not yet visible <span class="swatch freed" /> freed
    </p>
  )
}

export function LaneSigns() {
  return (
    <p class="legend">
      <span class="swatch section" /> read section <span class="swatch grace" /> grace period{' '}
      <span class="swatch lockbar" /> lock held; ○ looks, ■ stores
    </p>
  )
}
