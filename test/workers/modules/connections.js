// Opens and closes connections: `rounds` on each CPU, and as many that come in.

export default ({ sys, args, together }) => {
  together()
  for (let i = 0; i < args.rounds; i++) {
    const fd = sys.socket({ state: 7 })
    sys.connect(fd)
    sys.setsockopt(fd, 1, 36, i)
    sys.close(fd)
    sys.close(sys.accept(args.listener))
  }
  return sys.cpu.id
}
