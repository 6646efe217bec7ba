/**
 * Where in the source a step stands.
 */
import { runtime } from '../runtime/runtime.ts'

/** `file:line` of a site; '' if unknown. */
export function whereIs(site: number): string {
  const it = runtime.sites[site]
  return it === undefined ? '' : `${it.file}:${it.line}`
}

/** ` at file:line`; '' if unknown. */
export const inPlace = (site: number): string => (whereIs(site) === '' ? '' : ` at ${whereIs(site)}`)
