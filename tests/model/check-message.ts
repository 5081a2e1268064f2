import { expect } from 'vitest'
import type { Message } from '../../schemas/message'
import { emoji } from './commands'
import { type Change, chatOf, type Entry, hasReaction, isContent, type Ledger, reactionsOf, spelled } from './ledger'
import type { Person } from './people'
import type { ViewByChat } from './views'

/** One side of a chat: what `self` holds of the chat with `peer`. */
export interface Side {
  ledger: Ledger
  self: string
  peer: string
  views: Map<string, ViewByChat>
  people: Person[]
}

/** Whether a mailbox holds a message; undefined when blocks leave it open. */
export function isHeld({ ledger, self }: Side, entry: Entry): boolean | undefined {
  if (entry.authorId === self) return true
  if (ledger.surelyBlocked(self, entry.authorId, entry.span)) return false
  const mayBeKept =
    ledger.mayBeBlockedSince(self, entry.authorId, entry.span) || ledger.isBlockedNow(entry.authorId, self)
  return mayBeKept ? undefined : true
}

/** The states that a viewer may be shown of what a user has changed. */
function toldTo<State>(ledger: Ledger, viewerId: string, userId: string, changes: Change<State>[]): State[] {
  const sure = changes.filter(({ isUnsure }) => !isUnsure)
  const last = sure.slice(-1)
  const unsure = changes.filter(({ isUnsure }) => isUnsure)
  const isOpen =
    viewerId === userId ||
    (!ledger.isBlockedNow(userId, viewerId) &&
      last.every(({ span }) => !ledger.mayBeBlockedSince(viewerId, userId, span)))
  const told = isOpen
    ? [...last, ...(viewerId === userId ? [] : unsure)]
    : changes.filter(({ span }) => !ledger.surelyBlocked(viewerId, userId, span))
  return told.map(({ state }) => state)
}

const contentTo = (ledger: Ledger, viewerId: string, entry: Entry) =>
  toldTo(ledger, viewerId, entry.authorId, entry.content)

/** Checks one message, as one side sees it, against the model. */
export function checkMessage(side: Side, message: Message, all: Message[]) {
  const { ledger, self, peer, views } = side
  const entry = ledger.entries.get(message.id)
  if (!entry) throw new Error('An unknown message')
  const isOwn = entry.authorId === self
  const what = `${JSON.stringify(message)} of ${spelled(entry)} at ${self}`
  expect(message, what).toMatchObject({
    senderId: entry.authorId,
    chatId: peer,
    clientMessageId: isOwn ? entry.body.clientMessageId : null,
    attachments: [],
  })
  const told = contentTo(ledger, self, entry)
  const isTold = told.some((content) => isContent(message, content))
  expect(isTold, `the content of ${what} is one of ${JSON.stringify(told)}`).toBe(true)
  checkReactions(side, entry, message, what)
  checkQuote(side, entry, message, all)
  const other = views.get(peer)?.messages[self]?.find(({ id }) => id === message.id)
  if (other) expect(other.createdAt, 'the time of a message').toBe(message.createdAt)
  if (isOwn && self !== peer) checkStatus(side, entry, message, other)
}

/** Checks each emoji of each user on its own. A message deleted for everyone has none. */
function checkReactions({ ledger, self, peer }: Side, entry: Entry, message: Message, what: string) {
  if (message.deletedAt !== null) return expect(message.reactions, what).toEqual([])
  for (const userId of new Set([self, peer]))
    for (const one of emoji) {
      const told = toldTo(ledger, self, userId, reactionsOf(entry, userId, one))
      expect(told, `${one} of ${userId} under ${what}`).toContain(hasReaction(message, userId, one))
    }
}

/** Delivered if and only if the peer holds it. A message that the peer has hidden proves nothing. */
function checkStatus({ ledger, self, peer, views }: Side, entry: Entry, message: Message, other: Message | undefined) {
  const what = JSON.stringify(message)
  const mark = views.get(peer)?.chats[self]?.clearedUpTo?.peer ?? ''
  if (other && !ledger.isBlockedNow(self, peer)) expect(message.status, `the peer holds ${what}`).not.toBe('sent')
  if (other || entry.hidden.has(peer) || entry.id <= mark) return
  expect(message.status, `the peer does not hold ${what}`).toBe('sent')
  const passed = ledger.isBlockedNow(self, peer)
    ? undefined
    : isPassed(views.get(self)?.chats[peer]?.deliveredUpToMessageId, entry)
  if (passed !== undefined) expect(message.undelivered, what).toBe(passed)
}

const isPassed = (deliveredUpTo: string | null | undefined, { id }: Entry) => id < (deliveredUpTo ?? '')

/**
 * A quote is the quoted message as it stood, until that is deleted for everyone. What was sent or edited under a block
 * does not come by a quote either.
 */
function checkQuote(side: Side, entry: Entry, message: Message, all: Message[]) {
  const { ledger, self } = side
  const targetId = entry.body.replyToId
  expect(message.replyTo?.id, 'the message that a reply quotes').toBe(targetId)
  const target = targetId && ledger.entries.get(targetId)
  if (!target || !message.replyTo) return
  expect(target.id < entry.id, 'a reply sorts after the message it quotes').toBe(true)
  expect(message.replyTo.senderId).toBe(target.authorId)
  const shown = all.find(({ id }) => id === target.id)
  const told = contentTo(ledger, self, target)
  const held = isHeld(side, target)
  const isDeleted = shown ? shown.deletedAt !== null : told.length > 0 && told.every(({ deleted }) => deleted)
  const mustBeBlank = isDeleted || held === false
  const mayBeBlank = mustBeBlank || (!shown && (held === undefined || told.some(({ deleted }) => deleted)))
  const isOpen = target.content.every(({ span }) => !ledger.mayBeBlockedSince(self, target.authorId, span))
  const open = target.content.filter(({ span }) => !ledger.surelyBlocked(self, target.authorId, span))
  const texts = open.map(({ state }) => state.text)
  const { text } = message.replyTo
  const what = `${JSON.stringify(message)} of ${spelled(target)} at ${self}, chat ${chatOf(entry, self)}`
  if (mustBeBlank) return expect(text, `the quote of a message that is deleted, or was refused: ${what}`).toBe('')
  if (mayBeBlank && text === '') return
  if (!isOpen || entry.quotedText === null || entry.quotedText === '')
    return expect(texts, `a quote: ${what}`).toContain(text)
  expect(text, `a quote: ${what}`).toBe(entry.quotedText)
}
