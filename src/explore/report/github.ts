/**
 * A finding as GitHub Actions shows it at its line of a pull request: a workflow command on stdout.
 */

import type { Violation } from '../result.ts'
import { nearby } from './nearby.ts'

const escaped = (text: string): string => text.replace(/%/g, '%25').replace(/\r/g, '%0D').replace(/\n/g, '%0A')
const property = (text: string): string => escaped(text).replace(/:/g, '%3A').replace(/,/g, '%2C')

/** The line that makes it an annotation, with paths as seen from the process's folder. Ends in no line break. */
export function githubAnnotation(violation: Violation): string {
  const { kind, message, sites, replay } = nearby(violation)
  const [, file, line] = /^(.*):(\d+)$/.exec(sites[0] ?? '') ?? []
  const place = file === undefined ? '' : `file=${property(file)},line=${line},`
  return `::error ${place}title=${property(kind)}::${escaped(`${message}\nreplay: ${replay}`)}`
}
