/**
 * From what the link says to a scenario: a lesson's, whole or broken, a reader's own programs, or a litmus program.
 */

import './shared-memory.ts'
import type { Chosen } from '../lessons/chosen.ts'
import type { Lesson } from '../lessons/lesson.ts'
import { lessonOf } from '../lessons/lesson-list.ts'
import { shownExhibit } from '../lessons/shown-exhibit.ts'
import type { Scenario } from '../src/explore/internals.ts'
import { moduleOf } from './ground.ts'
import type { scenarioNamed } from './scenarios/free-play.ts'

/** Loads what was chosen. Throws a SyntaxError for a litmus program that can't be read. */
export async function loadProgram(chosen: Chosen): Promise<Scenario<unknown>> {
  const { lesson: id, exhibit, text } = chosen
  const lesson = lessonOf(id)
  if (lesson.id === 'litmus') {
    const { readLitmus } = await import('./litmus.ts')
    const made = readLitmus(text)
    return { ...made, threadNames: made.threads.map((_, id) => `CPU ${id}`) } as Scenario<unknown>
  }
  const { file, scenario, name } = lesson.id === 'museum' ? inMuseum(text, exhibit) : inLesson(lesson, chosen)
  const module = await moduleOf(file, variantOf(chosen))
  const made = (
    scenario === '' ? (module.scenarioNamed as typeof scenarioNamed)(text) : module[scenario]
  ) as Scenario<unknown>
  return {
    ...made,
    name,
    threadNames: made.threads.map((_, id) => `CPU ${id}`),
  }
}

/** Which text of the sources is stepped: an id of `EDITED`, or '' for the one that stands there. */
export function variantOf({ lesson, exhibit, text }: Chosen): string {
  return lesson === 'museum' && exhibit === '' ? shownExhibit(text).mended : exhibit
}

/**
 * What is stepped in the museum, under the name that the command gives it; under none where the command has no such
 * program.
 */
function inMuseum(text: string, exhibit: string) {
  const { file, scenario, lineName, mended } = shownExhibit(text)
  const name = exhibit !== '' ? lineName : mended === '' ? `${file}#${scenario}` : ''
  return { file, scenario, name }
}

/** What is stepped in a lesson, likewise; in free play that is the reader's own programs. */
function inLesson({ file, scenario }: Lesson, { exhibit, text }: Chosen) {
  return { file, scenario, name: `${file}#${scenario || text}${exhibit === '' ? '' : `@${exhibit}`}` }
}
