declare module 'virtual:ground' {
  /** Names what all files together hold. */
  const version: string
  export default version
}
declare module 'virtual:search-worker' {
  /** Address of the worker that searches. */
  const address: string
  export default address
}
declare module '*.css' {}
declare module 'virtual:rules' {
  /** The rules about races: code, where it matters, what must hold. */
  const rules: readonly (readonly [code: string, where: string, what: string])[]
  export default rules
}
