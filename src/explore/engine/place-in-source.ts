/**
 * Where in the source a step stands.
 */
import { runtime } from '../runtime/runtime.ts'

/** `file:line` of a site, and its text where that is told too; '' if unknown. */
export function whereIs(site: number): string {
  const it = runtime.sites[site]
  return it?.quoted === true ? `${it.file}:${it.line}  ${it.source}` : lineOf(site)
}

/** ` at file:line`; '' if unknown. */
export const inPlace = (site: number): string => (lineOf(site) === '' ? '' : ` at ${lineOf(site)}`)

function lineOf(site: number): string {
  const it = runtime.sites[site]
  return it === undefined ? '' : `${it.file}:${it.line}`
}
