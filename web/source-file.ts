/** A function in a source: its name, its first and its last line, from 1, and the functions that it mentions. */
export type FunctionPlace = readonly [name: string, from: number, to: number, mentions: readonly string[]]

/** A source as the page shows it, by line: class and text of each piece in turn. */
export type SourceFile = readonly (readonly string[])[]

/** What an exhibit's edits make of a source: the lines from one to before another, from 0, are these instead. */
export type SourceEdit = readonly [from: number, to: number, lines: SourceFile]
