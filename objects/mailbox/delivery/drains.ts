import { events } from '../../../src/core/events'
import { limits } from '../../../src/core/limits'
import { probeTime, retryTime } from '../../durable/backoff'
import type { Outcome } from '../../durable/outcome'
import { timeLimit, waitAtMost } from '../../durable/time-limit'
import type { MailboxContext } from '../context'
import type { MailboxStore } from '../store'
import type { ChatRow } from '../tables/chats'
import { type Batch, collectBatch, farewellBatch, isFarewellDue, isFeedPending } from './outgoing'
import { confirmDelivery, deliveryDeferred, deliveryFailed, keepConfirmation } from './results'
import type { Delivered, Delivery, DeliveryResult } from './shapes'

/** The calls to peers' mailboxes. */
interface Peers {
  deliver: (peerId: string, delivery: Delivery) => Promise<DeliveryResult>
  /** Rejects while the peer's mailbox is unreachable. */
  probe: (peerId: string) => Promise<unknown>
}

/** Called when messages up to this one have arrived, which is not a change before it is written. */
type OnDelivered = (peerId: string, messageId: string) => void

/** Delivers to peers what they must learn: one drain per peer at a time, batch after batch until none is pending. */
export class Drains {
  readonly #ctx: DurableObjectState
  readonly #store: MailboxStore
  readonly #peers: Peers
  readonly #onDelivered: OnDelivered
  readonly #running = new Map<string, Promise<void>>()

  constructor(ctx: DurableObjectState, store: MailboxStore, peers: Peers, onDelivered: OnDelivered) {
    this.#ctx = ctx
    this.#store = store
    this.#peers = peers
    this.#onDelivered = onDelivered
  }

  /** The chats, among those given or all, whose peer has something to learn. */
  pending(given?: (ChatRow | undefined)[]): ChatRow[] {
    const own = this.#store.profile.find()
    if (!own) return []
    const context = this.#store.context()
    const leaves = this.#store.erasure !== null
    const chats = given ?? (leaves ? context.chats.allLatest() : context.chats.withPending(own.revision))
    return chats.flatMap((chat) =>
      chat && (isFeedPending(context, chat, own) || (leaves && isFarewellDue(context, chat))) ? [chat] : [],
    )
  }

  /** When the next delivery is due (epoch milliseconds), or null. A drain that runs is looked at again a little later. */
  due(): number | null {
    const now = Date.now()
    const times = this.pending().map(({ peer_id, retry_at }) =>
      Math.max(retry_at, this.#running.has(peer_id) ? now + limits.deliveryAlarmMs : now),
    )
    return times.length > 0 ? Math.min(...times) : null
  }

  /** Starts a drain if the peer has something to learn. Nobody waits for it. */
  startPending(peerId: string) {
    if (this.pending([this.#store.chats.latest(peerId)]).length > 0) this.start(peerId)
  }

  /** Passes on the outcome of a block that changed a chat, and delivers what the block left for the peer. */
  afterWrite<T>(chatId: string, outcome: Outcome<T>): Outcome<T> {
    if (outcome.ok) this.startPending(chatId)
    return outcome
  }

  /**
   * Starts a drain, unless one is running: that one will see the new work. A failed delivery does not make it reject.
   */
  start(peerId: string): Promise<void> {
    const running = this.#running.get(peerId)
    if (running) return running
    const drain = this.#drain(peerId)
    this.#running.set(peerId, drain)
    this.#ctx.waitUntil(drain)
    return drain
  }

  /**
   * Drains the peers whose delivery is due, as many as one alarm serves: those with the fewest failures first, a few at a
   * time. A slow drain continues while the next ones start.
   */
  async startDue() {
    const now = Date.now()
    const due = this.pending()
      .filter(({ peer_id, retry_at }) => retry_at <= now && !this.#running.has(peer_id))
      .sort((a, b) => a.attempts - b.attempts)
      .slice(0, limits.deliveriesPerAlarm)
    const serve = async () => {
      for (let chat = due.shift(); chat; chat = due.shift())
        await waitAtMost(limits.deliverySlowMs, this.start(chat.peer_id))
    }
    await Promise.all(Array.from({ length: limits.deliveriesAtOnce }, serve))
  }

  async #drain(peerId: string) {
    try {
      // Lets the caller register this drain before the first batch is taken.
      await Promise.resolve()
      if (!(await this.#isReachable(peerId))) return
      for (let batch = this.#collect(peerId); batch; batch = this.#collect(peerId))
        if (!(await this.#deliver(peerId, batch))) return
    } finally {
      this.#running.delete(peerId)
    }
  }

  #collect(peerId: string): Batch | null {
    if (!this.#store.isLive) return null
    const context = this.#store.context()
    const [chat] = this.pending([context.chats.latest(peerId)])
    const own = context.profile.find()
    if (!chat || !own) return null
    return isFeedPending(context, chat, own) ? collectBatch(context, chat, own) : farewellBatch(context)
  }

  /** Asks the peer's mailbox, if the last delivery failed, before another batch is collected and sent. */
  async #isReachable(peerId: string): Promise<boolean> {
    if (!this.#store.isLive || !this.#store.chats.find(peerId)?.attempts) return true
    try {
      await timeLimit(this.#peers.probe(peerId), limits.deliveryTimeoutMs, 'The peer’s mailbox did not answer in time')
      return true
    } catch (error) {
      events.deliveryFailed({ error })
      this.#record((context) => deliveryFailed(context, peerId, probeTime))
      return false
    }
  }

  async #deliver(peerId: string, batch: Batch): Promise<boolean> {
    try {
      const call = this.#peers.deliver(peerId, batch.delivery)
      const result = await timeLimit(call, limits.deliveryTimeoutMs, 'The peer’s mailbox did not answer in time')
      if ('full' in result) {
        this.#record((context) => deliveryDeferred(context, peerId))
        return false
      }
      this.#confirm(peerId, batch, result)
      return true
    } catch (error) {
      // The peer's object is overloaded, restarting, or unreachable. What is pending stays pending, and the alarm
      // retries it.
      events.deliveryFailed({ error })
      this.#record((context) => deliveryFailed(context, peerId, retryTime))
      return false
    }
  }

  #confirm(peerId: string, batch: Batch, result: Delivered) {
    if (!this.#store.isLive) return
    const context = this.#store.context()
    const delivered = keepConfirmation(context, peerId, batch, result)
    if (delivered === null) this.#store.write((block) => confirmDelivery(block, peerId, batch, result))
    else context.wakeBy(context.now + limits.deliveryAlarmMs)
    if (delivered) this.#onDelivered(peerId, delivered)
  }

  /** Records the result of a call to a peer, unless this mailbox was erased in the meantime. */
  #record(work: (context: MailboxContext) => void) {
    if (this.#store.isLive) this.#store.write(work)
  }
}
