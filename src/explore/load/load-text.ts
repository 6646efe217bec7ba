/**
 * Loading a module that is no file: text that was made from another one, as a compiler makes it.
 */

import '../agents/install.ts'
import { transform } from '../transform/transform.ts'

/**
 * Transforms the text of an ES module that imports nothing, evaluates it and returns its namespace. Reports call it
 * `name`; lines with a comment `// @explore at counter.c:23:9 c->cnt++` they show as that.
 */
export async function loadInstrumentedText(text: string, name: string): Promise<Record<string, unknown>> {
  const { code } = transform(text, `${name}.mjs`)
  return import(/* @vite-ignore */ `data:text/javascript;base64,${Buffer.from(code).toString('base64')}`)
}
