/** What packages for browsers take to be there. */
globalThis.self ??= globalThis
// Node 20 has none.
globalThis.navigator ??= { hardwareConcurrency: 2 }
