import type { Exhibit } from '../exhibit.ts'

export const listenerDiesAtOnce: Exhibit = {
  id: 'D42',
  title: 'A socket that is found under RCU dies at once',
  year: 2016,
  rules: ['C10', 'C14'],
  story: {
    believed: 'The last reference is gone. Nobody holds the socket, so it can be destroyed.',
    broken:
      'Listeners and UDP sockets are found under RCU, without a reference. A program looks at one while it is freed.',
    fixed: 'SOCK_RCU_FREE: such a socket waits for a grace period between its last put and its destruction.',
  },
  edits: [
    {
      file: 'src/shared/sock.ts',
      from:
        '  if ((words[sk + SOCK.flags] & SOCK_RCU_FREE) !== 0) callRcu(cpu, sk + SOCK.rcu, CALLBACK.skDestruct)\n' +
        '  else skDestruct(cpu, sk)',
      to: '  skDestruct(cpu, sk)',
    },
  ],
  scenario: { file: 'props/scenarios/socket-death.ts', name: 'readerAgainstLastPut' },
  detector: 'use-after-free',
}
