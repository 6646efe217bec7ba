/**
 * Which packages are instrumented besides the author's own files.
 */

/** Names of packages, or `true` for all. */
export type Packages = readonly string[] | boolean

/** Whether a package of that name is among them. */
export function namesPackage(packages: Packages, name: string | undefined): boolean {
  return typeof packages === 'boolean' ? packages : name !== undefined && packages.includes(name)
}

/** `a,b`, or `*` for all, as the command line and the environment have it. */
export function readPackages(text: string): Packages {
  const names = text.split(',').flatMap((name) => (name.trim() === '' ? [] : [name.trim()]))
  return names.includes('*') || names
}

/** These packages and those that EXPLORE_PACKAGES names. */
export function withEnvironment(packages: Packages = []): Packages {
  const also = readPackages(process.env.EXPLORE_PACKAGES ?? '')
  if (packages === true || also === true) return true
  return [...new Set([...(packages || []), ...(also || [])])]
}
