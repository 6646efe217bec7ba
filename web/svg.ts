/**
 * The moment as a drawing of its own, for slides: lanes and memory, with the colours that the page shows them in.
 */

/** What a drawing takes over from the page's style. */
const STYLES = [
  'fill',
  'stroke',
  'stroke-width',
  'stroke-dasharray',
  'opacity',
  'font-family',
  'font-size',
  'font-weight',
  'text-anchor',
] as const
const GAP = 12
const NAMES = 70

/** A copy of a part of the page whose style stands in it. */
function styled(element: Element): Element {
  const copy = element.cloneNode(true) as Element
  const own = [element, ...element.querySelectorAll('*')]
  for (const [k, each] of [copy, ...copy.querySelectorAll('*')].entries()) {
    const style = getComputedStyle(own[k])
    for (const name of STYLES) each.setAttribute(name, style.getPropertyValue(name))
    for (const name of ['class', 'style', 'tabindex', 'role', 'aria-label']) each.removeAttribute(name)
  }
  return copy
}

const sizeOf = (drawing: SVGSVGElement) => drawing.getBoundingClientRect()

/** The drawing as text. `title`: what stands above it. */
export function momentAsSvg(title: string): string {
  const memory = document.querySelector<SVGSVGElement>('.memory svg')
  const lanes = document.querySelector<SVGSVGElement>('.lanes svg')
  const names = [...document.querySelectorAll<HTMLElement>('.lane-names span')]
  if (memory === null || lanes === null) return ''
  const page = getComputedStyle(document.body)
  const ink = `fill="${page.color}" font-family="sans-serif"`
  const [above, below] = [sizeOf(lanes), sizeOf(memory)]
  const width = Math.ceil(Math.max(NAMES + above.width, below.width)) + 2 * GAP
  const top = 30
  const height = Math.ceil(top + above.height + GAP + below.height + GAP)
  const place = (drawing: SVGSVGElement, x: number, y: number) => {
    const { width, height } = sizeOf(drawing)
    const copy = styled(drawing)
    for (const [name, value] of Object.entries({ x, y, width, height })) copy.setAttribute(name, `${value}`)
    return new XMLSerializer().serializeToString(copy)
  }
  const escaped = (text: string) => text.replace(/[&<>]/g, (letter) => `&#${letter.charCodeAt(0)};`)
  const laneNames = names.map((name, k) => {
    const y = top + (k + 0.7) * name.getBoundingClientRect().height
    return `<text x="${GAP}" y="${y}" font-size="12" ${ink}>${escaped(name.textContent ?? '')}</text>`
  })
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    `<rect width="100%" height="100%" fill="${page.backgroundColor}"/>`,
    `<text x="${GAP}" y="19" font-size="14" font-weight="700" ${ink}>${escaped(title)}</text>`,
    ...laneNames,
    place(lanes, GAP + NAMES, top),
    place(memory, GAP, top + above.height + GAP),
    '</svg>',
  ].join('\n')
}
