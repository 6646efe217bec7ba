declare module 'virtual:sources' {
  type Loaders<T> = Record<string, () => Promise<{ default: T }>>
  export const sources: Loaders<import('./source-file.ts').WrittenSource>
  export const edits: Loaders<import('./source-file.ts').SourceEdit>
}
declare module 'virtual:functions' {
  const functions: Record<string, import('./source-file.ts').FunctionPlace[]>
  export default functions
}
declare module 'virtual:ground' {
  export const table: import('./ground.ts').GroundTable
  type Exports = Readonly<Record<string, unknown>>
  /**
   * Makes an instance of a module. `imported`: the exports of what it imports. `exportName` takes one of its own.
   * `sitesOf`: makes a table of sites of a short one.
   */
  type Factory = (
    imported: (specifier: string) => Exports,
    exportName: (name: string, get: () => unknown) => void,
    sitesOf: typeof import('./short-sites.ts').sitesOf,
  ) => Promise<void>
  export const loaders: Readonly<Record<string, () => Promise<{ default: Factory }>>>
}
declare module 'virtual:search-worker' {
  /** Address of the worker that searches. */
  const address: string
  export default address
}
declare module '*.css' {}
