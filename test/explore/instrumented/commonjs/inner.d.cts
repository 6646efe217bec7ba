export declare const bump: (words: Int32Array) => number
