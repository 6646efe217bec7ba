/**
 * What the nearest tsconfig says to a compiler, as far as it means something at run time.
 */

import { getTsconfig } from 'get-tsconfig'
import type { TransformOptions as Oxc } from 'oxc-transform'

export interface CompilerSettings {
  /** Decorators are TypeScript's older ones, and not those of the language. */
  readonly legacyDecorators: boolean
  readonly metadata: boolean
  readonly strictNullChecks: boolean
  /** Fields are assigned in the constructor and not defined, so that one without a value is none. */
  readonly assignedFields: boolean
  readonly jsx: Exclude<Oxc['jsx'], undefined>
}

type CompilerOptions = NonNullable<NonNullable<ReturnType<typeof getTsconfig>>['config']['compilerOptions']>

/** Configurations read so far, by path. */
const cache = new Map()

/** The settings for a file. */
export function compilerSettings(file: string): CompilerSettings {
  const options: CompilerOptions = getTsconfig(file, 'tsconfig.json', cache)?.config.compilerOptions ?? {}
  return {
    legacyDecorators: options.experimentalDecorators ?? false,
    metadata: options.emitDecoratorMetadata ?? false,
    strictNullChecks: options.strictNullChecks ?? options.strict ?? true,
    assignedFields: !(options.useDefineForClassFields ?? definesFields(options.target)),
    jsx: {
      runtime: options.jsx === 'react' ? 'classic' : 'automatic',
      ...(options.jsxImportSource !== undefined && { importSource: options.jsxImportSource }),
      ...(options.jsxFactory !== undefined && { pragma: options.jsxFactory }),
      ...(options.jsxFragmentFactory !== undefined && { pragmaFrag: options.jsxFragmentFactory }),
    },
  }
}

/** Whether TypeScript defines fields for that target. */
function definesFields(target = 'esnext'): boolean {
  const year = /^es(\d+)$/i.exec(target)?.[1]
  return year === undefined ? !/^es3$/i.test(target) : Number(year) >= 2022
}
