/**
 * Tales: bugs that Linux had and our code can't have. They are told, and don't count as exhibits.
 */

import type { Tale } from './exhibit.ts'

export const TALES: readonly Tale[] = [
  {
    id: 'H04',
    title: 'A fork that fails takes the storage of its parent along',
    year: 2026,
    commit: '9b51a6155d14',
    story: {
      believed: 'A task is copied with all its fields, and its storage pointer is reset when the copy is nearly done.',
      broken:
        'The limit of processes is reached in between, and the half-made task destroys the storage of its parent.',
      fixed: 'The pointer is reset right behind the copy. CVE-2026-72110.',
    },
    why: 'There are no tasks here. H03 is the same mistake with sockets.',
  },
  {
    id: 'H11',
    title: 'A traced lookup deletes under the lock it was called with',
    year: 2021,
    commit: 'bc235cdb423a',
    story: {
      believed: 'The update may call the lookup while it holds the lock of the storage: the lookup takes none.',
      broken: 'A program traces the lookup and deletes an element there. That takes the same lock, on the same CPU.',
      fixed: 'A counter for each CPU refused to enter twice; later locks that notice it.',
    },
    why: 'Nothing can be traced inside our functions. H07b shows a lock that waits for itself.',
  },
  {
    id: 'H12',
    title: 'The counter that refused to enter twice was counted wrongly',
    year: 2022,
    commit: '197827a05e13',
    story: {
      believed: 'Nobody else runs on this CPU, so its counter can be loaded, changed and stored.',
      broken:
        'Another task preempts it between load and store. The counter never returns to zero, and that CPU is refused for ever.',
      fixed: 'One instruction that an interrupt cannot divide.',
    },
    why: 'A CPU here is a thread, which nobody preempts in favour of another program on the same CPU.',
  },
  {
    id: 'H13',
    title: 'Everything waited for the slowest kind of reader',
    year: 2022,
    commit: 'dcf456c9a095',
    story: {
      believed: 'Programs that sleep may hold an element, so every element waits for a grace period of theirs.',
      broken:
        'A dying socket has no such readers. Its elements waited all the same, and each wait went over all tasks.',
      fixed: 'Only deletion by programs and syscalls waits for them.',
    },
    why: 'No program sleeps here, so there is one kind of grace period.',
  },
  {
    id: 'H22',
    title: 'Pointers inside a value are freed before its readers are done',
    year: 2026,
    commit: 'f41deee082dc',
    story: {
      believed: 'At the unlink the special fields of a value can be freed: nobody new finds it.',
      broken: 'Readers that found it before follow a pointer in it that is freed.',
      fixed: 'They are freed in the callback, with the element.',
    },
    why: 'Our values hold numbers and a lock, no pointers. D14 is the same mistake with the whole element.',
  },
  {
    id: 'H24',
    title: 'Five drafts of locks that can fail',
    year: 2026,
    commit: '8dabe34b9d5b',
    story: {
      believed:
        'A lock that notices deadlocks only fails where there is one, so destruction and map free may insist on theirs.',
      broken:
        'The verdict reaches others that wait, too, and long waits time out. Review found elements that nobody freed, and ones that two would have.',
      fixed:
        'An unlink that cannot fail: what one side could not do is left to the other, and a state word says who frees.',
    },
    why: 'Our locks never fail. Each way of freeing twice or never stands here as an exhibit of its own: H20, D05, D12.',
  },
]
