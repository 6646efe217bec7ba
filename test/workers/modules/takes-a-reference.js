/**
 * Takes references and forgets them: `args.what` is 'sock' or 'map'.
 */

import { holdMap, holdSock } from './held.js'

export default ({ cpu, args }) => {
  if (args.what === 'sock') holdSock(cpu, args.fd)
  else holdMap(cpu, args.fd)
}
