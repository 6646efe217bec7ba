/** docs/memory.md: what the command is shown to print is what it prints. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, it } from 'vitest'
import { check } from '../../src/explore/explore.ts'
import { litmusScenario } from '../../src/explore/litmus.ts'
import { formatResult } from '../../src/explore/report/text.ts'
import type { MemoryModel } from '../../src/explore/result.ts'

const guide = readFileSync(resolve(import.meta.dirname, '../../docs/memory.md'), 'utf8')
const shown = [...guide.matchAll(/```\n\$ npx sk-storage explore --litmus '([^']+)' --memory (\w+)\n([\s\S]*?)```/g)]

it.each(shown.map(([, text, memory, output]) => [text, memory, output] as const))(
  'shows what %s prints under %s',
  (text, memory, output) => {
    const result = check(litmusScenario(text), { memory: memory as Exclude<MemoryModel, 'sc'> })
    const printed = formatResult(result).replace(/^replay: (.*)$/m, "replay: npx sk-storage replay '$1'")
    expect(`${printed.replaceAll(/ +$/gm, '')}\n`).toBe(output)
  },
)

it('shows some', () => expect(shown.length).toBeGreaterThan(0))

const classics = [...guide.matchAll(/^\| ([^|]+) \| `(.+ exists \(.+\))` \| (\w+) \|$/gm)]

it.each(classics.map(([, name, text, model]) => [name, text.replaceAll('\\|', '|'), model] as const))(
  'names the strongest model of %s: %s',
  (name, text, model) => {
    const result = check(litmusScenario(text), { memory: 'ecma' })
    expect(result).toMatchObject({ exhaustive: name !== 'LB', memory: { allButBuffering: true } })
    expect(result.memory!.violates ?? 'none').toBe(model)
    if (model !== 'none') expect(formatResult(result)).toContain(`the strongest model in which it happens: ${model}`)
  },
)

it('names all classics', () => expect(classics.length).toBeGreaterThan(20))
