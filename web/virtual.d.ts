declare module 'virtual:ground' {
  /** By file, and by `file@exhibit` where it is otherwise: the files that it imports. */
  export const imports: Readonly<Record<string, readonly string[]>>
  export const loaders: Readonly<Record<string, () => Promise<{ default: import('./written-file.ts').WrittenFile }>>>
}
declare module 'virtual:search-worker' {
  /** Address of the worker that searches. */
  const address: string
  export default address
}
declare module '*.css' {}
