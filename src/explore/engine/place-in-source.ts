/**
 * Where in the source a step stands.
 */
import { runtime } from '../runtime/runtime.ts'
import { placeOfSite } from '../runtime/site-place.ts'

/** `file:line` of a site, with the column on a long line, and its text where that is told too; '' if unknown. */
export function whereIs(site: number): string {
  const it = runtime.sites[site]
  return it?.quoted === true ? `${it.file}:${it.line}  ${it.source}` : placeOfSite(site)
}

/** ` at file:line`; '' if unknown. */
export const inPlace = (site: number): string => (placeOfSite(site) === '' ? '' : ` at ${placeOfSite(site)}`)
