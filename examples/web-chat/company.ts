// What is never stored: who is typing, who is online, and what has just been delivered.
import type { Chat, Message, MessageStatus, PresenceFrame } from '../typescript/schema'
import { Observable } from './observable'

const typingShownMs = 6_000
const typingSentMs = 4_000
const presenceUsersMax = 50

const isKnown = (status: string): status is MessageStatus => ['sent', 'delivered', 'read'].includes(status)

const peersOf = (chats: Chat[]) =>
  chats.flatMap(({ id, kind }) => (kind === 'direct' ? id : [])).slice(0, presenceUsersMax)

export class Company extends Observable {
  readonly #typing = new Map<string, number>()
  readonly #presence = new Map<string, PresenceFrame>()
  readonly #delivered = new Map<string, string>()
  readonly #told = new Map<string, number>()
  #watched = new Set<string>()

  isTyping(chatId: string) {
    return this.#typing.has(chatId)
  }

  presenceOf(userId: string) {
    return this.#presence.get(userId)
  }

  types(chatId: string) {
    clearTimeout(this.#typing.get(chatId))
    this.#typing.set(
      chatId,
      window.setTimeout(() => this.stopsTyping(chatId), typingShownMs),
    )
    this.changed()
  }

  /** There is no frame for the end: a timeout ends it, or the arrival of the peer's message. */
  stopsTyping(chatId: string) {
    clearTimeout(this.#typing.get(chatId))
    if (this.#typing.delete(chatId)) this.changed()
  }

  /** The signal that comes before the change of the chat. */
  isDelivered(chatId: string, upToMessageId: string) {
    this.#delivered.set(chatId, upToMessageId)
    this.changed()
  }

  statusOf({ status, undelivered, id, chatId }: Message): MessageStatus | null {
    const isDelivered = status === 'sent' && !undelivered && id <= (this.#delivered.get(chatId) ?? '')
    if (isDelivered) return 'delivered'
    return status !== null && isKnown(status) ? status : null
  }

  /** The users to ask about. */
  watch(chats: Chat[]): string[] {
    this.#watched = new Set(peersOf(chats))
    return [...this.#watched]
  }

  /** Whether a peer has not been asked about: the chat is new, or moved up from far down the list. */
  isUnwatched(chats: Chat[]) {
    return peersOf(chats).some((id) => !this.#watched.has(id))
  }

  isPresent(frame: PresenceFrame) {
    this.#presence.set(frame.userId, frame)
    this.changed()
  }

  /** Whether it is time to signal that the user is typing. */
  isTypingDue(chatId: string) {
    const now = performance.now()
    if (now - (this.#told.get(chatId) ?? -typingSentMs) < typingSentMs) return false
    this.#told.set(chatId, now)
    return true
  }

  /** After a send, the next keystroke is signaled again. */
  forgetTold(chatId: string) {
    this.#told.delete(chatId)
  }
}
