/**
 * What a command says with its exit status: the same for all of them. docs/commands.md has the table.
 */

export const EXIT = {
  clean: 0,
  /** A violation, a leak, a machine that failed, a test that did not pass. */
  finding: 1,
  usage: 2,
  budget: 3,
  failed: 4,
  /** 128 + SIGINT. */
  interrupted: 130,
} as const

export type Ending = keyof typeof EXIT

/** The same in words. */
export const MEANING: Readonly<Record<Ending, string>> = {
  clean: 'clean: all was done that was asked for, and nothing is wrong',
  finding: 'a finding: something is wrong with what was looked at',
  usage: 'usage: the command line makes no sense, or what it names is not there',
  budget: 'a budget was spent before the end, or something was left out, and nothing found so far',
  failed: 'the command itself failed, or was cut off: nothing is said of what it looked at',
  interrupted: 'ended by Ctrl-C, and nothing found so far',
}

/**
 * For --help: the endings that a command has, in its own words where those say more. Each may make no sense, and fail.
 */
export function exitHelp(own: Partial<Record<Ending, string | true>>): string {
  const has: typeof own = { ...own, usage: own.usage ?? true, failed: own.failed ?? true }
  const lines = (Object.keys(EXIT) as Ending[]).flatMap((ending) => {
    const said = has[ending]
    if (said === undefined) return []
    return [`${`${EXIT[ending]}`.padStart(5)}  ${said === true ? MEANING[ending] : said}`]
  })
  return ['Exit status:', ...lines].join('\n')
}
