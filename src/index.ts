/**
 * sk-storage: Linux's socket-local storage on SharedArrayBuffers.
 */

export * from './shared/btf.ts'
