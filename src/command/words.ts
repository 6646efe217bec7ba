/**
 * What the sentences of all commands are made of: 'got ..., expected ...'.
 */

export { either, meant } from '../words/meant.ts'

export function quote(text: string): string {
  return `'${text}'`
}
