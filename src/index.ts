/**
 * sk-storage: Linux's socket-local storage on SharedArrayBuffers, with worker threads as CPUs.
 *
 * @module sk-storage
 */

export type { Instruction } from './bpf/isa/instruction.ts'
export { BpfObjectError } from './bpf/load/object-error.ts'
export type { BpfLine, BpfMapDefinition, BpfMapTypes, BpfMapUse, BpfProgram } from './bpf/object.ts'
export { type LoadErrno, ProgramRefused } from './bpf/verifier/refused.ts'
export * from './shared/btf/btf.ts'
export type { BtfInfo } from './shared/btf/object.ts'
export { errnoName } from './shared/errno.ts'
export type { MapInfo } from './shared/map.ts'
export type { MapOptions } from './shared/map-options.ts'
export {
  BPF_MAP_TYPE_ARRAY,
  BPF_MAP_TYPE_HASH,
  BPF_MAP_TYPE_PERCPU_ARRAY,
  BPF_MAP_TYPE_SK_STORAGE,
} from './shared/map-options.ts'
export type { Memory } from './shared/memory.ts'
export type { BpfMap, Ptr, Sk, Value } from './shared/pointer.ts'
export { type KasanCode, KasanError } from './shared/sanitizer.ts'
export { BPF_SK_STORAGE_GET_F_CREATE } from './shared/sk-storage.ts'
export { BPF_F_CLONE, BPF_F_NO_PREALLOC } from './shared/sk-storage-map.ts'
export {
  AF_INET,
  AF_INET6,
  SOCK_DGRAM,
  SOCK_STREAM,
  type SockOptions,
  TCP_CLOSE,
  TCP_ESTABLISHED,
  TCP_LISTEN,
} from './shared/sock.ts'
export type { Sockopt } from './shared/sockopt.ts'
export { BPF_ANY, BPF_EXIST, BPF_F_LOCK, BPF_NOEXIST } from './shared/update-flags.ts'
export { bpfSpinUnlock as bpfSpinLockRelease } from './sync/bpf-spin-lock.ts'
export type { Cpu } from './sync/cpu.ts'
export { KernelBug, type KernelBugCode } from './sync/kernel-bug.ts'
export { BpfError } from './workers/bpf-error.ts'
export type { BatchOperation } from './workers/element-syscalls.ts'
export { type FailureCode, MachineFailure } from './workers/failure.ts'
export {
  bpfMapDeleteElem,
  bpfMapLookupElem,
  bpfMapUpdateElem,
  bpfSkStorageDelete,
  bpfSkStorageGet,
  bpfSpinLockAcquire,
} from './workers/helpers.ts'
export { LoadedMap, type LoadedObject, type LoadedProgram, type Numbers } from './workers/loaded-object.ts'
export { boot, Machine } from './workers/machine.ts'
export type { Attached, AttachOptions, BootOptions, RunOptions } from './workers/machine-options.ts'
export type { MachineReport } from './workers/machine-report.ts'
export type { Key } from './workers/map-elements.ts'
export type { ProgramContext, ProgramRun, ProgramStats } from './workers/program.ts'
export type { ProgramInfo } from './workers/program-info.ts'
export { StorageMap } from './workers/storage-map.ts'
export type { Syscalls } from './workers/syscalls.ts'
export type { CallContext, Story } from './workers/task.ts'
export { VerifierError, type VerifierRule } from './workers/verifier-error.ts'
