import { limits } from '../../src/limits'
import type { Batch, Delivery, Receipt } from './feed'

/** What the deliveries need of the mailbox they belong to. Each is one synchronous block but the call itself. */
interface Courier {
  collect: (peerId: string) => Batch | null
  call: (peerId: string, delivery: Delivery) => Promise<Receipt | null>
  confirm: (peerId: string, batch: Batch, receipt: Receipt) => void
  fail: (peerId: string, error: unknown) => void
}

const timeout = (ms: number) => {
  let timer: ReturnType<typeof setTimeout>
  const passed = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('The peer’s mailbox did not answer in time')), ms)
  })
  return { passed, stop: () => clearTimeout(timer) }
}

/** Brings peers what they must learn: one drain for each peer at a time, batch after batch until none waits. */
export class Deliveries {
  readonly #courier: Courier
  readonly #running = new Map<string, Promise<void>>()

  constructor(courier: Courier) {
    this.#courier = courier
  }

  /** Starts a drain, unless one runs: that one will see the new work. Never rejects. */
  start(peerId: string): Promise<void> {
    const running = this.#running.get(peerId)
    if (running) return running
    const drain = this.#drain(peerId)
    this.#running.set(peerId, drain)
    return drain
  }

  async #drain(peerId: string) {
    try {
      // Lets the caller register this drain before the first batch is taken.
      await Promise.resolve()
      for (let batch = this.#courier.collect(peerId); batch; batch = this.#courier.collect(peerId))
        if (!(await this.#deliver(peerId, batch))) return
    } finally {
      this.#running.delete(peerId)
    }
  }

  async #deliver(peerId: string, batch: Batch): Promise<boolean> {
    const { passed, stop } = timeout(limits.deliveryTimeoutMs)
    try {
      const receipt = await Promise.race([this.#courier.call(peerId, batch.delivery), passed])
      if (!receipt) throw new Error('The peer has no mailbox yet')
      this.#courier.confirm(peerId, batch, receipt)
      return true
    } catch (error) {
      // An overloaded, restarting or unreachable object; what is pending stays so, and the alarm comes back to it.
      this.#courier.fail(peerId, error)
      return false
    } finally {
      stop()
    }
  }
}
