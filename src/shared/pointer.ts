/**
 * Pointers into shared memory: word indexes, branded by what they point to. 0 is NULL.
 *
 * The brand exists only in the type checker and is our verifier: a program can hand a helper only what its signature
 * asks for, as the kernel's verifier insists on ARG_PTR_TO_SOCKET.
 */

declare const pointee: unique symbol

/** A word index that points to a record of kind `K`, or 0. */
export type Ptr<K extends string> = number & { readonly [pointee]: K }

/** `struct sock`. */
export type Sk = Ptr<'sk'>
/** `struct file`: what a file descriptor refers to. */
export type File = Ptr<'file'>
/** `struct bpf_sk_storage`: one socket's elements and their cache. */
export type SkStorage = Ptr<'sk-storage'>
/** `struct bpf_sk_storage_elem`: one map's value at one socket. */
export type Selem = Ptr<'selem'>
/** `struct bpf_sk_storage_data`: the part of an element that a lookup finds. */
export type Sdata = Ptr<'sdata'>
/** A map of any type. */
export type BpfMap = Ptr<'map'>
/** A loaded BTF object. */
export type BtfObject = Ptr<'btf'>
/** An element of a hash map. */
export type HashElem = Ptr<'hash-elem'>
/** Where a value begins. Always on an even word. */
export type Value = Ptr<'value'>
