/**
 * Ctrl-C: the first asks for an end within a second, the second ends at once.
 */

import { EXIT } from '../command/exit-status.ts'

/** Milliseconds that a command has, after the first Ctrl-C, to come to rest before it must report what it has. */
const PATIENCE = 400

/** What `Interrupt.late` rejects with when patience is over. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted'
}

export interface Interrupt {
  /** True after the first Ctrl-C. */
  readonly asked: boolean
  /**
   * Rejects with Interrupted some time after the first Ctrl-C; never resolves. Race against it whatever may take long.
   */
  readonly late: Promise<never>
  /** Called at the first Ctrl-C. */
  onAsked: () => void
  /** Listens no longer. */
  end(): void
}

/**
 * Ends the process at once, by the signal itself, which a shell reports as 130. process.exit alone would first end and
 * join every thread, which takes seconds where hundreds are still starting.
 */
export function dieOfInterrupt(): never {
  process.removeAllListeners('SIGINT')
  // Last, so that others who wait for the exit have cleaned up.
  process.once('exit', () => process.kill(process.pid, 'SIGINT'))
  process.exit(EXIT.interrupted)
}

/** Listens for SIGINT and SIGTERM. */
export function listenForInterrupt(): Interrupt {
  let asked = false
  let timer: NodeJS.Timeout | undefined
  let reject: (reason: Interrupted) => void = () => {}
  const late = new Promise<never>((_, r) => {
    reject = r
  })
  late.catch(() => {})
  const onSignal = () => {
    if (asked) dieOfInterrupt()
    asked = true
    timer = setTimeout(() => reject(new Interrupted('interrupted')), PATIENCE)
    interrupt.onAsked()
  }
  const interrupt: Interrupt = {
    get asked() {
      return asked
    },
    late,
    onAsked: () => {},
    end() {
      clearTimeout(timer)
      process.off('SIGINT', onSignal)
      process.off('SIGTERM', onSignal)
    },
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  return interrupt
}
