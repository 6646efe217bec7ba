declare module 'virtual:sources' {
  const loaders: Record<string, () => Promise<{ default: import('./source-file.ts').SourceFile }>>
  export default loaders
}
declare module 'virtual:functions' {
  const functions: Record<string, import('./source-file.ts').FunctionPlace[]>
  export default functions
}
declare module 'virtual:scenarios' {
  const loaders: Record<string, () => Promise<Record<string, unknown>>>
  export default loaders
}
declare module '*.css' {}
