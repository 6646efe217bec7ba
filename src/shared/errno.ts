/**
 * The error numbers of Linux on x86-64, as far as they occur here. Functions below the machine return them negated.
 */

export const EPERM = 1
export const ENOENT = 2
export const E2BIG = 7
export const EBADF = 9
export const EAGAIN = 11
export const ENOMEM = 12
export const EACCES = 13
export const EFAULT = 14
export const EEXIST = 17
export const EINVAL = 22
export const EMFILE = 24
export const EBADFD = 77
export const ENOTSOCK = 88
export const EMSGSIZE = 90
export const ENOPROTOOPT = 92
export const EOPNOTSUPP = 95
export const EISCONN = 106
export const ENOTSUPP = 524

const NAMES: Readonly<Record<number, string>> = {
  [EPERM]: 'EPERM',
  [ENOENT]: 'ENOENT',
  [E2BIG]: 'E2BIG',
  [EBADF]: 'EBADF',
  [EAGAIN]: 'EAGAIN',
  [ENOMEM]: 'ENOMEM',
  [EACCES]: 'EACCES',
  [EFAULT]: 'EFAULT',
  [EEXIST]: 'EEXIST',
  [EINVAL]: 'EINVAL',
  [EMFILE]: 'EMFILE',
  [EBADFD]: 'EBADFD',
  [ENOTSOCK]: 'ENOTSOCK',
  [EMSGSIZE]: 'EMSGSIZE',
  [ENOPROTOOPT]: 'ENOPROTOOPT',
  [EOPNOTSUPP]: 'EOPNOTSUPP',
  [EISCONN]: 'EISCONN',
  [ENOTSUPP]: 'ENOTSUPP',
}

/** 'ENOENT' for 2 and for -2; 'E<n>' for a number we never return. */
export function errnoName(errno: number): string {
  return NAMES[Math.abs(errno)] ?? `E${Math.abs(errno)}`
}
