// A device with the kit, behind a network of its own.

import type { ConnectionState } from '../../../examples/typescript/realtime.ts'
import type { Tokens } from '../../../examples/typescript/schema.d.ts'
import type { Timing } from '../../../examples/typescript/timing.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { FaultyNetwork } from './faulty-network.ts'
import type { Kit } from './package.ts'

/** Small, so that trouble passes within a second. A busy machine still answers in time. */
export const shortTiming: Partial<Timing> = { callMs: 1_000, pulseMs: 300, wakeMs: 150, retryMs: 30, retryMaxMs: 250 }

export interface DeviceOptions {
  kit: Kit
  runtime: Runtime
  tokens: Tokens
  userId: string
  seed: number
  /** Whether it keeps no copy. */
  fromNow: boolean
  timing: Partial<Timing>
}

const storeFault = 'The disk is full.'

export class Device {
  readonly userId: string
  readonly fromNow: boolean
  readonly network: FaultyNetwork
  readonly client: ReturnType<Kit['apiClient']>
  /** What was queued, in order, by chat. */
  readonly queued = new Map<string, string[]>()
  /** What the kit reported, besides the faults of the store. */
  readonly errors: unknown[] = []
  state: ConnectionState = 'offline'
  isStoreBroken = false
  /** How often the store has failed. */
  storeFaults = 0
  isSignedOut = false
  readonly #kit: Kit
  readonly #timing: Partial<Timing>
  #outbox = '[]'
  #store: InstanceType<Kit['MemoryStore']>
  #chat: ReturnType<Kit['messenger']>

  private constructor(network: FaultyNetwork, { kit, tokens, userId, fromNow, timing }: DeviceOptions) {
    this.network = network
    this.userId = userId
    this.fromNow = fromNow
    this.#kit = kit
    this.#timing = timing
    let held: Tokens | undefined = tokens
    this.client = kit.apiClient({
      origin: network.origin,
      timing,
      tokens: {
        load: () => held,
        save: (fresh) => {
          held = fresh
        },
        clear: () => {
          held = undefined
        },
      },
      onSignedOut: () => {
        this.isSignedOut = true
      },
    })
    this.#store = this.#openStore()
    this.#chat = this.#openChat()
  }

  static async open(options: DeviceOptions): Promise<Device> {
    const { port } = new URL(options.runtime.origin)
    return new Device(await FaultyNetwork.open(Number(port), options.seed), options)
  }

  get store() {
    return this.#store
  }

  get history() {
    return this.#chat.history
  }

  run() {
    void this.#chat.run()
  }

  stop() {
    this.#chat.stop()
  }

  wake() {
    this.#chat.wake()
  }

  /** As a page that is loaded again: what is in memory is lost, and the outbox is what the store has kept. */
  reload() {
    this.#chat.stop()
    this.#store = this.#openStore()
    this.#chat = this.#openChat()
    this.run()
  }

  async send(chatId: string, text: string) {
    const queue = this.queued.get(chatId) ?? []
    this.queued.set(chatId, queue)
    queue.push(text)
    await this.#chat.outbox.send(chatId, { text })
  }

  /** Marks as read what is shown of a chat, if there is a connection. */
  read(chatId: string) {
    const upToMessageId = this.#chat.history.messagesOf(this.#store.state, chatId).at(-1)?.id
    if (upToMessageId) this.#chat.realtime.ask({ type: 'markRead', chatId, upToMessageId }).catch(() => {})
  }

  /** Makes this many requests over the socket at once; resolves to how many got no response. */
  async ask(count: number): Promise<number> {
    const asked = Array.from({ length: count }, () => this.#chat.realtime.ask({ type: 'presence', userIds: [] }))
    return (await Promise.allSettled(asked)).filter(({ status }) => status === 'rejected').length
  }

  /** Whether the connection is live, shown by a response over it. */
  async isLive(): Promise<boolean> {
    if (this.state !== 'live') return false
    const asked = this.#chat.realtime.ask({ type: 'presence', userIds: [] })
    return asked.then(
      () => true,
      () => false,
    )
  }

  close() {
    this.stop()
    this.network.close()
  }

  #openStore() {
    const keeper = this.#kit.keptIn({ getItem: () => this.#outbox, setItem: (_, text) => this.#keep(text) }, 'outbox')
    const store = new this.#kit.MemoryStore(undefined, keeper)
    const [apply, applyGroup] = [store.apply.bind(store), store.applyGroup.bind(store)]
    store.apply = async (changes) => {
      if (this.isStoreBroken) throw new Error(storeFault)
      return apply(changes)
    }
    store.applyGroup = async (news, asked) => {
      if (this.isStoreBroken) throw new Error(storeFault)
      return applyGroup(news, asked)
    }
    return store
  }

  #keep(text: string) {
    this.#outbox = text
  }

  #openChat() {
    return this.#kit.messenger({
      client: this.client,
      origin: this.network.origin,
      store: this.#store,
      timing: this.#timing,
      ...(this.fromNow && { from: 'now' }),
      onState: (state) => {
        this.state = state
      },
      onError: (error) => {
        if (String(error).includes(storeFault)) this.storeFaults++
        else this.errors.push(error)
      },
    })
  }
}
