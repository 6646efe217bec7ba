/**
 * What a module that is evaluated elsewhere is told of itself by `import.meta`: what it would be told where its author
 * put it.
 */

/** A statement for the top of a module that says where it stands; '' if it doesn't ask, or is evaluated there. */
export function printPlace(code: string, file: string, url: string | undefined): string {
  if (url === undefined || !/\bimport\s*\.\s*meta\b/.test(code)) return ''
  const [where, filename, dirname] = [url, file, file.replace(/(?!^)[\\/][^\\/]*$/, '')].map((each) =>
    JSON.stringify(each),
  )
  const resolve = `((its) => (to, ...more) => /^\\.{0,2}\\//.test(to) ? new URL(to, ${where}).href : its(to, ...more))`
  return `Object.assign(import.meta, { url: ${where}, filename: ${filename}, dirname: ${dirname}, resolve: ${resolve}(import.meta.resolve) });`
}
