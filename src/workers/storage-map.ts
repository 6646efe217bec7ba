/**
 * A map of sk storage with its value type: encodes and decodes at the syscall face, on whatever CPU.
 */

import type { Given, StructType, StructValue } from '../shared/btf/btf.ts'
import type { Syscalls } from './syscalls.ts'

// biome-ignore lint/suspicious/noExplicitAny: any struct will do here, and only here.
type AnyStruct = StructType<any>
type ValueOfStruct<S extends AnyStruct> = S extends StructType<infer F> ? StructValue<F> : never

/**
 * A map of sk storage behind a descriptor. Each method throws BpfError as the syscall does, and TypeError or RangeError
 * for a value that does not fit its type.
 */
export class StorageMap<S extends AnyStruct> {
  /** The map's descriptor. */
  readonly fd: number
  /** The type of its values. */
  readonly type: S
  readonly #sys: Syscalls

  /** `fd` is the map's descriptor; the map is not opened again. */
  constructor(sys: Syscalls, fd: number, type: S) {
    this.#sys = sys
    this.fd = fd
    this.type = type
  }

  /** The value at the socket, or undefined if there is none. */
  lookup(socket: number, flags = 0): ValueOfStruct<S> | undefined {
    try {
      return this.type.decode(this.#sys.mapLookup(this.fd, socket, flags), 0) as ValueOfStruct<S>
    } catch (error) {
      if ((error as { code?: string }).code === 'ENOENT') return undefined
      throw error
    }
  }

  /** Sets the value at the socket. */
  update(socket: number, value: Given<ValueOfStruct<S>>, flags = 0): void {
    this.#sys.mapUpdate(this.fd, socket, this.type.encode(value as never), flags)
  }

  /** Removes the value at the socket; ENOENT if there is none. */
  delete(socket: number): void {
    this.#sys.mapDelete(this.fd, socket)
  }

  /** Closes the descriptor. The map lives on as long as programs hold it. */
  close(): void {
    this.#sys.close(this.fd)
  }
}
