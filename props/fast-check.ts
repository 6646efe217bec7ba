/**
 * fast-check, which `sk-storage/props` needs and the rest of the package does not. Asked for here, so that whoever
 * lacks it is told in a sentence.
 */

const { default: fc } = await import('fast-check').catch((error: NodeJS.ErrnoException) => {
  if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error
  throw new Error('sk-storage/props needs the package fast-check, which is not installed: npm i -D fast-check')
})

export default fc
