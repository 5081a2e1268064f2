import { limits } from '../../../src/core/limits'
import { errorFields, log } from '../../../src/core/log'
import type { MailboxState } from '../store'
import type { ChatRow } from '../tables/chats'
import * as meta from '../tables/key-values'
import * as feed from './outgoing'

/** Calls a peer's mailbox. Null when there is none yet. */
type Call = (peerId: string, delivery: feed.Delivery) => Promise<feed.Receipt | null>

const timeout = (ms: number) => {
  let timer: ReturnType<typeof setTimeout>
  const passed = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('The peer’s mailbox did not answer in time')), ms)
  })
  return { passed, stop: () => clearTimeout(timer) }
}

/** Brings peers what they must learn: one drain for each peer at a time, batch after batch until none waits. */
export class Deliveries {
  readonly #state: MailboxState
  readonly #call: Call
  readonly #running = new Map<string, Promise<void>>()

  constructor(state: MailboxState, call: Call) {
    this.#state = state
    this.#call = call
  }

  /** Those chats whose peer has something to learn. */
  pending(chats: (ChatRow | undefined)[] = this.#state.chats.all()): ChatRow[] {
    const own = meta.ownProfile(this.#state.sql)
    if (!own) return []
    const box = this.#state.box()
    const leaves = this.#state.erasure !== null
    return chats.flatMap((chat) =>
      chat && (feed.isPending(box, chat, own) || (leaves && feed.isFarewellDue(box, chat))) ? [chat] : [],
    )
  }

  /** Whether a peer has something to learn. */
  isPending(peerId: string): boolean {
    return this.pending([this.#state.chats.find(peerId)]).length > 0
  }

  /** Starts a drain, unless one runs: that one will see the new work. Never rejects. */
  start(peerId: string): Promise<void> {
    const running = this.#running.get(peerId)
    if (running) return running
    const drain = this.#drain(peerId)
    this.#running.set(peerId, drain)
    return drain
  }

  /** Drains the peers whose time has come, as many as one alarm takes. */
  async startDue() {
    const due = this.pending()
      .filter((chat) => chat.retry_at <= Date.now())
      .slice(0, limits.deliveriesPerAlarm)
    while (due.length > 0)
      await Promise.all(due.splice(0, limits.deliveriesAtOnce).map((chat) => this.start(chat.peer_id)))
  }

  async #drain(peerId: string) {
    try {
      // Lets the caller register this drain before the first batch is taken.
      await Promise.resolve()
      for (let batch = this.#collect(peerId); batch; batch = this.#collect(peerId))
        if (!(await this.#deliver(peerId, batch))) return
    } finally {
      this.#running.delete(peerId)
    }
  }

  #collect(peerId: string): feed.Batch | null {
    if (!this.#state.isLive) return null
    const box = this.#state.box()
    const [chat] = this.pending([box.chats.find(peerId)])
    const own = meta.ownProfile(box.sql)
    if (!chat || !own) return null
    return feed.isPending(box, chat, own) ? feed.collect(box, chat, own) : feed.farewell(box)
  }

  async #deliver(peerId: string, batch: feed.Batch): Promise<boolean> {
    const { passed, stop } = timeout(limits.deliveryTimeoutMs)
    try {
      const receipt = await Promise.race([this.#call(peerId, batch.delivery), passed])
      if (!receipt) throw new Error('The peer has no mailbox yet')
      this.#settle((box) => feed.confirm(box, peerId, batch, receipt))
      return true
    } catch (error) {
      // An overloaded, restarting or unreachable object; what is pending stays so, and the alarm comes back to it.
      log('warn', 'delivery_failed', errorFields(error))
      this.#settle((box) => feed.fail(box, peerId))
      return false
    } finally {
      stop()
    }
  }

  /** Records what became of a call to a peer, unless the mailbox was erased meanwhile. */
  #settle(work: Parameters<MailboxState['write']>[0]) {
    if (this.#state.isLive) this.#state.write(work)
  }
}
