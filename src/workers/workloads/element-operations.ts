/**
 * Operations on elements, by every road there is: by descriptor, and from a program that has the socket with a
 * reference or found it under RCU.
 *
 * Each takes the map with a reference of its own for just that long, so that the last put of a map comes from any CPU.
 */

import { nextBits, oneIn } from '../../random/random.ts'
import { EAGAIN, EEXIST, EINVAL, ENOENT, ENOMEM } from '../../shared/errno.ts'
import { fileObject, fput, sockfdLookup, sockLookupRcu } from '../../shared/fd-table.ts'
import type { BpfMap, File, Sk, Value } from '../../shared/pointer.ts'
import { MAP } from '../../shared/records.ts'
import { BPF_SK_STORAGE_GET_F_CREATE, fdDeleteElem, fdLookupElem, fdUpdateElem } from '../../shared/sk-storage.ts'
import { bpfIterSkStorageMap } from '../../shared/sk-storage-iter.ts'
import { BPF_ANY, BPF_EXIST, BPF_F_LOCK, BPF_NOEXIST } from '../../shared/update-flags.ts'
import { mapValueHasSpinLock, valueWords } from '../../shared/value.ts'
import { rcuReadLock, rcuReadUnlock } from '../../sync/rcu.ts'
import { bpfSkStorageDelete, bpfSkStorageGet } from '../helpers.ts'
import { type Actor, isRcuFree, judge } from './actor.ts'
import { socketSlot, ticketFd, ticketIn } from './slots.ts'
import { countOp, NULL_RESULT, OP, violation } from './tally.ts'
import { examineCopy, examineInPlace, patternFor } from './value-pattern.ts'

/** Notes a sentence about a value, if there is one. */
function note(actor: Actor, wrong: string | undefined): void {
  if (wrong !== undefined) violation(actor.tally, wrong)
}

/**
 * Runs `program` with the chosen socket as programs do, in a read section: with a reference on its file, or found under
 * RCU without any. `program` must not keep the socket. Returns its result, or the error of the descriptor.
 */
function asProgram(actor: Actor, program: (sk: Sk) => number, op: number): number {
  const { cpu } = actor
  const fd = ticketFd(actor.ticket)
  if (isRcuFree(actor.socket) && oneIn(actor.random, 2)) {
    rcuReadLock(cpu)
    const sk = sockLookupRcu(cpu, fd)
    const result = sk === 0 ? NULL_RESULT : program(sk)
    rcuReadUnlock(cpu)
    if (sk === 0 && ticketIn(actor.slots, socketSlot(actor.socket)) === actor.ticket)
      violation(actor.tally, `no socket found under RCU at descriptor ${fd}, which was open all the time`)
    return result
  }
  const file = sockfdLookup(cpu, fd)
  judge(actor, op, file, [])
  if (file < 0) return file
  rcuReadLock(cpu)
  const result = program(fileObject(cpu, file as File) as Sk)
  rcuReadUnlock(cpu)
  fput(cpu, file as File)
  return result
}

/** Looks a value up and reads it; now and then a program writes it, too. */
export function getElem(actor: Actor, map: BpfMap): void {
  const { cpu, tally } = actor
  if (!oneIn(actor.random, 3)) {
    const result = asProgram(actor, (sk) => useValue(actor, map, bpfSkStorageGet(cpu, map, sk, null, 0)), OP.get)
    countOp(tally, OP.get, result)
    return
  }
  const out = new Int32Array(valueWords(cpu.words, map))
  const locked = mapValueHasSpinLock(cpu.words, map)
  // Where the map has no lock, BPF_F_LOCK must be refused.
  const flags = oneIn(actor.random, locked ? 2 : 32) ? BPF_F_LOCK : 0
  const result = fdLookupElem(cpu, map, ticketFd(actor.ticket), out, flags)
  judge(actor, OP.get, result, flags !== 0 && !locked ? [EINVAL] : [ENOENT])
  if (flags !== 0 && !locked && result === 0)
    violation(tally, 'get with BPF_F_LOCK: got 0, expected EINVAL for a value without a lock')
  // Without BPF_F_LOCK a value that is written in place may come out torn.
  if (result === 0 && locked === (flags !== 0)) note(actor, examineCopy(cpu, map, out))
  countOp(tally, OP.get, result)
}

function useValue(actor: Actor, map: BpfMap, value: Value): number {
  if (value === 0) return NULL_RESULT
  const low = nextBits(actor.random) | 0
  note(actor, examineInPlace(actor.cpu, map, value, (low & 0x1_0000) !== 0, low))
  return 0
}

/**
 * Makes an element: by the helper, which gives the existing one if there is one, or by descriptor, which then gives
 * EEXIST.
 */
export function createElem(actor: Actor, map: BpfMap): void {
  const { cpu, tally, random } = actor
  if (oneIn(random, 2)) {
    const init = oneIn(random, 2) ? patternFor(cpu, map, nextBits(random) | 0) : null
    const get = (sk: Sk) => useValue(actor, map, bpfSkStorageGet(cpu, map, sk, init, BPF_SK_STORAGE_GET_F_CREATE))
    countOp(tally, OP.create, asProgram(actor, get, OP.create))
    return
  }
  const lock = mapValueHasSpinLock(cpu.words, map) && oneIn(random, 2) ? BPF_F_LOCK : 0
  const value = patternFor(cpu, map, nextBits(random) | 0)
  const result = fdUpdateElem(cpu, map, ticketFd(actor.ticket), value, BPF_NOEXIST | lock)
  judge(actor, OP.create, result, [EEXIST, EAGAIN, ENOMEM])
  countOp(tally, OP.create, result)
}

/** Updates by descriptor, with all kinds of flags, and now and then with some that must be refused. */
export function updateElem(actor: Actor, map: BpfMap): void {
  const { cpu, tally, random } = actor
  const locked = mapValueHasSpinLock(cpu.words, map)
  const mode = oneIn(random, 2) ? BPF_ANY : BPF_EXIST
  // In place where the map has a lock; where it has none, BPF_F_LOCK is one of the refused.
  const lock = oneIn(random, locked ? 2 : 32) ? BPF_F_LOCK : 0
  const flags = oneIn(random, 64) ? 3 : mode | lock
  const value = patternFor(cpu, map, nextBits(random) | 0)
  const result = fdUpdateElem(cpu, map, ticketFd(actor.ticket), value, flags)
  const refused = flags === 3 || (lock !== 0 && !locked)
  if (refused) {
    judge(actor, OP.update, result, [EINVAL])
    if (result === 0) violation(tally, `update with flags ${flags}: got 0, expected EINVAL`)
  } else {
    judge(actor, OP.update, result, mode === BPF_EXIST ? [ENOENT, EAGAIN, ENOMEM] : [EAGAIN, ENOMEM])
  }
  countOp(tally, OP.update, result)
}

/** Removes an element, by descriptor or by the helper. */
export function deleteElem(actor: Actor, map: BpfMap): void {
  const { cpu, tally } = actor
  const result = oneIn(actor.random, 2)
    ? fdDeleteElem(cpu, map, ticketFd(actor.ticket))
    : asProgram(actor, (sk) => bpfSkStorageDelete(cpu, map, sk), OP.delete)
  if (result !== NULL_RESULT) judge(actor, OP.delete, result, [ENOENT])
  countOp(tally, OP.delete, result)
}

/** Walks all elements of a map, reads each, deletes some of those it is shown, and sometimes ends early. */
export function iterateMap(actor: Actor, map: BpfMap): void {
  const { cpu, tally, random } = actor
  bpfIterSkStorageMap(cpu, map, (_cpu, sk, value) => {
    note(actor, examineInPlace(cpu, map, value, false, 0))
    if (oneIn(random, 16)) {
      const result = bpfSkStorageDelete(cpu, map, sk)
      if (result !== 0 && result !== -ENOENT)
        violation(tally, `delete of what map ${cpu.words[map + MAP.id]} showed: got ${result}, expected 0 or ENOENT`)
    }
    return !oneIn(random, 256)
  })
  countOp(tally, OP.iterate, 0)
}
