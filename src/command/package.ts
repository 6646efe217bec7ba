/**
 * The package that a command is installed with. The explorer's commands stand in two, and are called by each one's
 * name.
 */

import { readFileSync } from 'node:fs'

// Two folders up from here, three from where this file is built to.
const place = import.meta.url.endsWith('.ts') ? '../../package.json' : '../../../package.json'

/** Its package.json. */
export const MANIFEST = new URL(place, import.meta.url)

/** Name and version of the package; the name is that of its command, too. */
export const { name, version }: { readonly name: string; readonly version: string } = JSON.parse(
  readFileSync(MANIFEST, 'utf8'),
)
