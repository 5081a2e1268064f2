import type { Message, OutgoingMessage } from '../../schemas/message'
import { type JsonObject, metadataText } from '../../src/core/metadata'
import { always, type Interval, isBefore, mayBeBefore, mayHold, type Span, surelyHolds } from './time'

/** The parts of a message that its author decides. */
export interface Content {
  text: string
  metadata: JsonObject | null
  edited: boolean
  deleted: boolean
}

/** One state that something was put in, and when. */
export interface Change<State> {
  span: Span
  state: State
  /** Set when the answer was inconclusive: an earlier attempt may have made the change. */
  isUnsure?: boolean
}

export interface Sent {
  authorId: string
  peerId: string
  body: OutgoingMessage
  span: Span
}

/** A message whose send was acknowledged. */
export interface Entry extends Sent {
  id: string
  /** The quote's text as the answer had it; null when the answer came too late to know. */
  quotedText: string | null
  /** Oldest first, like all changes here. */
  content: Change<Content>[]
  /** Whether a user's emoji is on it, by both. */
  reactions: Map<string, Change<boolean>[]>
  /** Who has deleted it for themselves, and when. */
  hidden: Map<string, Span>
  /** When each client first saw it. */
  seen: Map<string, Span>
}

/** A call on a chat that leaves a mark. */
export interface Mark {
  span: Span
  messageId: string
  /** Whether the user had accepted the chat by then. */
  acceptance: Acceptance
}

/** Whether the user has accepted the chat, by whatever they did; `maybe` while that depends on what came first. */
export type Acceptance = 'none' | 'maybe' | 'sure'

interface ChatSide {
  acceptance: Acceptance
  clears: Span[]
  reads: Mark[]
  pinned: boolean
  markedUnread: boolean
  muted: boolean
  /** Null when a message may have changed it. */
  archived: boolean | null
}

/** The fields of a profile that change. */
export interface ProfileFields {
  firstName: string | null
  about: string | null
  metadata: JsonObject | null
}

export const emptyProfile: ProfileFields = { firstName: null, about: null, metadata: null }

type KnownProfile = ProfileFields & { span: Span }

const key = (...ids: string[]) => ids.join(' ')

/**
 * The model of a run, computed from acknowledged calls alone. Calls in flight are included, with an open span, so
 * that others know that they may have happened.
 */
export class Ledger {
  readonly entries = new Map<string, Entry>()
  readonly contacts = new Map<string, Map<string, string | null>>()
  readonly profiles = new Map<string, KnownProfile[]>()
  readonly #blocks = new Map<string, Interval[]>()
  readonly #sides = new Map<string, ChatSide>()

  side(userId: string, chatId: string): ChatSide {
    return getOrMake(this.#sides, key(userId, chatId), () => ({
      acceptance: 'none',
      clears: [],
      reads: [],
      pinned: false,
      markedUnread: false,
      muted: false,
      archived: false,
    }))
  }

  /** Notes that the user does, or has done, something that accepts the chat. */
  accepts(userId: string, chatId: string, acceptance: Exclude<Acceptance, 'none'>) {
    const side = this.side(userId, chatId)
    if (side.acceptance !== 'sure') side.acceptance = acceptance
  }

  /** The user's own messages in a chat that were acknowledged before a time, or may have been stored by then. */
  sentBefore(userId: string, chatId: string, span: Span) {
    const own = [...this.entries.values()].filter(({ authorId, peerId }) => authorId === userId && peerId === chatId)
    return own.filter((sent) => isBefore(sent.span, span)).length
  }

  /** The times during which one user has blocked another. */
  blocks(userId: string, peerId: string): Interval[] {
    return getOrMake(this.#blocks, key(userId, peerId), () => [])
  }

  isBlockedNow(userId: string, peerId: string): boolean {
    return this.blocks(userId, peerId).at(-1)?.ended === null
  }

  surelyBlocked(userId: string, peerId: string, span: Span): boolean {
    return this.blocks(userId, peerId).some((block) => surelyHolds(block, span))
  }

  mayBeBlocked(userId: string, peerId: string, span: Span): boolean {
    return this.blocks(userId, peerId).some((block) => mayHold(block, span))
  }

  /** Whether a block may have existed at any time since a call. */
  mayBeBlockedSince(userId: string, peerId: string, { from }: Span): boolean {
    return this.mayBeBlocked(userId, peerId, { from, to: Number.POSITIVE_INFINITY })
  }

  /** Whether the user has deleted the message for themselves, alone or with the whole chat, before the call. */
  surelyGone(entry: Entry, userId: string, span: Span): boolean {
    const hidden = entry.hidden.get(userId)
    const held = entry.authorId === userId ? entry.span : entry.seen.get(userId)
    const cleared = this.side(userId, chatOf(entry, userId)).clears.some(
      (clear) => held && isBefore(held, clear) && isBefore(clear, span),
    )
    return cleared || (hidden !== undefined && isBefore(hidden, span))
  }

  mayBeGone(entry: Entry, userId: string, span: Span): boolean {
    const hidden = entry.hidden.get(userId)
    const { clears } = this.side(userId, chatOf(entry, userId))
    const cleared = clears.some((clear) => mayBeBefore(entry.span, clear) && mayBeBefore(clear, span))
    return cleared || (hidden !== undefined && mayBeBefore(hidden, span))
  }

  mayBeDeleted(entry: Entry, span: Span): boolean {
    return entry.content.some(({ span: made, state }) => state.deleted && mayBeBefore(made, span))
  }

  add(sent: Sent, id: string, quotedText: string | null): Entry {
    const { text = '', metadata = null } = sent.body
    const creation = { span: sent.span, state: { text, metadata, edited: false, deleted: false } }
    const entry: Entry = {
      ...sent,
      id,
      quotedText,
      content: [creation],
      reactions: new Map(),
      hidden: new Map(),
      seen: new Map(),
    }
    this.entries.set(id, entry)
    return entry
  }
}

/** The name of the chat on one side. */
export const chatOf = ({ authorId, peerId }: Sent, userId: string) => (userId === authorId ? peerId : authorId)

export const reactionsOf = (entry: Entry, userId: string, emoji: string): Change<boolean>[] =>
  getOrMake(entry.reactions, key(userId, emoji), () => [{ span: always, state: false }])

/** The state after all changes that are certain. */
export function lastOf<State>(changes: Change<State>[]): State {
  const last = changes.findLast(({ isUnsure }) => !isUnsure)
  if (!last) throw new Error('There is no certain state')
  return last.state
}

export const isContent = ({ text, metadata, editedAt, deletedAt }: Message, content: Content) =>
  text === content.text &&
  metadataText(metadata) === metadataText(content.metadata) &&
  (editedAt !== null) === content.edited &&
  (deletedAt !== null) === content.deleted

export const hasReaction = ({ reactions }: Message, userId: string, emoji: string) =>
  reactions.some((one) => one.emoji === emoji && one.userIds.includes(userId))

/** For a failing check: an entry with its maps spelled out. */
export const spelled = (entry: Entry) =>
  JSON.stringify({ ...entry, reactions: [...entry.reactions], hidden: [...entry.hidden], seen: [...entry.seen] })

export function getOrMake<K, V>(map: Map<K, V>, name: K, make: () => V): V {
  const known = map.get(name)
  if (known !== undefined) return known
  const made = make()
  map.set(name, made)
  return made
}
