import type * as inner_1 from './inner.cjs'

export declare const bump: (words: Int32Array) => number
export declare const here: string
export declare const inner: typeof inner_1
