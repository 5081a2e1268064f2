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
  /** The timers of those who type, by chat, then by user. */
  readonly #typing = new Map<string, Map<string, number>>()
  readonly #presence = new Map<string, PresenceFrame>()
  readonly #delivered = new Map<string, string>()
  readonly #told = new Map<string, number>()
  #watched = new Set<string>()

  /** Who is typing in a chat. */
  typingIn(chatId: string): string[] {
    return [...(this.#typing.get(chatId)?.keys() ?? [])]
  }

  presenceOf(userId: string) {
    return this.#presence.get(userId)
  }

  types(chatId: string, userId: string) {
    const timers = this.#typing.get(chatId) ?? new Map<string, number>()
    clearTimeout(timers.get(userId))
    const timer = window.setTimeout(() => this.stopsTyping(chatId, userId), typingShownMs)
    this.#typing.set(chatId, timers.set(userId, timer))
    this.changed()
  }

  /** There is no frame for the end: a timeout ends it, or the arrival of the user's message. */
  stopsTyping(chatId: string, userId: string) {
    const timers = this.#typing.get(chatId)
    clearTimeout(timers?.get(userId))
    if (timers?.delete(userId)) this.changed()
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
