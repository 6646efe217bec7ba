/**
 * What a value type is: the data that a BTF record would hold, and the TypeScript types that follow from it.
 *
 * A type is a plain frozen object, told apart by `kind`. The codec and the views read these objects; nothing else
 * about a type is kept anywhere. Kinds, names, bits and encodings are those of BTF (Linux,
 * Documentation/bpf/btf.rst), so that the records could be written out from here.
 */

/** An integer of 8 to 64 bits. `V` is number up to 32 bits and bigint at 64. */
export interface IntType<V extends number | bigint = number | bigint> extends ValueType<V, IntAccess<V>> {
  /** An integer. */
  readonly kind: 'int'
  /** Its width. */
  readonly bits: 8 | 16 | 32 | 64
  /** BTF_INT_SIGNED or none. */
  readonly encoding: 'signed' | 'unsigned'
  /** The smallest value, both ends included. */
  readonly min: V
  /** The largest value. */
  readonly max: V
}

/** `char name[length]`: UTF-8, padded with NULs, and without one when all `length` bytes are used. */
export interface CharArrayType extends ValueType<string, CharArrayAccess> {
  /** A string of fixed size. */
  readonly kind: 'char-array'
  /** Bytes. */
  readonly length: number
}

/** `element name[length]`. */
export interface ArrayType<E extends ElementType> extends ValueType<ValueOf<E>[], ArrayAccess<E>> {
  /** An array. */
  readonly kind: 'array'
  /** What it holds. */
  readonly element: E
  /** Elements. */
  readonly length: number
}

/** `struct name { fields }`, laid out as gcc and clang lay it out on x86-64. */
export interface StructType<F extends Fields> extends ValueType<StructValue<F>, StructAccess<F>> {
  /** A struct. */
  readonly kind: 'struct'
  /** Its fields, in their order in memory. */
  readonly fields: F
  /** Where each field begins, in bytes from the beginning of the struct. */
  readonly offsets: { readonly [K in keyof F]: number }
}

/** An array of whatever. */
export interface AnyArray extends ValueType {
  readonly kind: 'array'
  readonly element: ElementType
  readonly length: number
}

/** A struct of whatever. */
export interface AnyStruct extends ValueType {
  readonly kind: 'struct'
  readonly fields: Fields
  readonly offsets: { readonly [name: string]: number }
}

/**
 * `struct bpf_spin_lock`. It is not a value: nobody gives it, nobody reads it, it only takes its place in a struct.
 * Source: btf_find_spin_lock, Linux 5.2.
 */
export interface SpinLockType {
  /** A lock. */
  readonly kind: 'spin-lock'
  /** Its C name. */
  readonly name: 'bpf_spin_lock'
  /** Bytes. */
  readonly size: 4
  /** Bytes. */
  readonly align: 4
}

/** What an array may hold. */
export type ElementType = IntType | CharArrayType | AnyArray | AnyStruct

/** What a struct may hold. */
export type FieldType = ElementType | SpinLockType

/** The fields of a struct, in their order in memory. */
export type Fields = { readonly [name: string]: FieldType }

/** What every value type can do, whatever its kind. `V` is the plain value, `A` the way a view reaches it. */
export interface ValueType<V = unknown, A = unknown> {
  /** Tells the types apart. */
  readonly kind: 'int' | 'char-array' | 'array' | 'struct'
  /** The C name without `struct`: `u32`, `char[16]`, `u32[4]`, `counter`. */
  readonly name: string
  /** Bytes, as sizeof says. */
  readonly size: number
  /** Bytes, as _Alignof says. */
  readonly align: number
  /** Where the bpf_spin_lock of this value is, in bytes, or -1. */
  readonly lockOffset: number
  /**
   * Lays the value out in `ceil(size / 4)` fresh private words. Padding and the lock word are 0.
   *
   * Throws TypeError for what has the wrong type, is missing or is unknown, and RangeError for what does not fit.
   * The message begins with the path of the culprit: `counter.history[3]: expected ...`.
   */
  encode(value: Given<V>): Int32Array
  /**
   * Reads the value that begins at word `at` of `words`, shared memory included. The lock word is not even read: others
   * change it atomically. The words are read one by one and plainly, so the caller sees to it that nobody writes them
   * meanwhile. Bytes that are not UTF-8 come out as U+FFFD. Throws RangeError when the value would leave the array.
   */
  decode(words: Int32Array, at: number): V
  /**
   * The value in place, for programs; see {@link View}. Make one per worker and keep it: the making is slow, the use is
   * not. `check`, when given, is called before each access with the index of the word that is about to be touched.
   */
  view(words: Int32Array, check?: (word: number) => void): View<A>
}

/** The plain value of a type: what `decode` returns. */
export type ValueOf<T> = T extends ValueType<infer V> ? V : never

/** A plain value as `encode` takes it: arrays may be readonly. */
export type Given<V> = V extends readonly (infer E)[]
  ? readonly Given<E>[]
  : V extends object
    ? { readonly [K in keyof V]: Given<V[K]> }
    : V

/** The plain value of a struct. The lock is not part of it. */
export type StructValue<F extends Fields> = {
  -readonly [K in keyof F as F[K] extends SpinLockType ? never : K]: ValueOf<F[K]>
}

/**
 * A window on shared memory that can be moved.
 *
 * `counter.at(pointer).cnt++` costs what `words[pointer]++` costs and not quite a nanosecond. Fields of 8 to 32 bits
 * are one plain load or store of their own width, so that a store never touches the neighbour. Fields of 64 bits are
 * two, low half first, and may tear: values in shared memory are only sure to be 4-byte aligned, and ECMAScript lets
 * plain 64-bit accesses tear anyway. Whoever shares one holds the lock. A bigint costs some 10 ns to make. Strings go
 * byte by byte.
 *
 * Setters truncate, as an assignment in C does: a u8 that is set to 256 is 0. Strings that are too long throw.
 *
 * WARNING: there is one window. `at` moves it and returns the same object each time, so that whatever was taken from an
 * earlier `at` now shows the new place. The same goes for `at` of an array of structs.
 *
 * NOTE: pointer 0 is NULL, and nobody checks that here, unless `check` does.
 *
 * NOTE: accessors are getters, which the explorer refuses inside a thread. What is to be explored reads
 * `words[pointer + (Counter.offsets.cnt >> 2)]`.
 */
export interface View<A> {
  /** Moves the window to the value that begins at word `pointer`. */
  at(pointer: number): A
}

/** A value that is an integer and nothing around it. */
export interface IntAccess<V> {
  /** Loads and stores it; a store truncates. */
  value: V
}

/** A value that is a char array and nothing around it. */
export interface CharArrayAccess {
  /** Loads and stores it; a store throws for what is too long. */
  value: string
}

/**
 * The elements of an array. An index outside throws RangeError: it is the bound the kernel's verifier would ask for.
 */
export type ArrayAccess<E extends ElementType> = E extends IntType | CharArrayType
  ? {
      readonly length: number
      /** The element. */
      at(index: number): ValueOf<E>
      /** Stores the element. */
      set(index: number, value: ValueOf<E>): void
    }
  : {
      readonly length: number
      /** A view of the element. There is one: a further call moves it. */
      at(index: number): AccessOf<E>
    }

/** How a view reaches a type that is not a scalar. */
type AccessOf<T> = T extends ValueType<unknown, infer A> ? A : never

/**
 * The fields of a struct. Integers and strings can be read and set; structs and arrays are reached through; the lock
 * reads as its address, the word index that `bpfSpinLockAcquire` takes.
 */
export type StructAccess<F extends Fields> = {
  -readonly [K in keyof F as F[K] extends IntType | CharArrayType ? K : never]: ValueOf<F[K]>
} & {
  readonly [K in keyof F as F[K] extends IntType | CharArrayType ? never : K]: F[K] extends SpinLockType
    ? number
    : AccessOf<F[K]>
}
