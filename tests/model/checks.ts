import { expect } from 'vitest'
import type { Chat } from '../../schemas/chat'
import type { Message } from '../../schemas/message'
import { inMailbox } from '../support/delivery-faults'
import { checkMessage, isHeld, type Side } from './check-message'
import { chatOf, emptyProfile, type Ledger, type ProfileFields, spelled } from './ledger'
import { type Person, syncOverRest } from './people'
import { isBefore } from './time'
import { copied, listed, type ViewByChat, viewOf } from './views'

/** Checks everything the service guarantees for a run, once nothing is due anymore. */
export async function checkAll(ledger: Ledger, people: Person[]) {
  const views = new Map<string, ViewByChat>()
  for (const person of people) {
    await syncOverRest(person.client, person, 1 + (views.size % 5))
    const [copy, lists] = await Promise.all([copied(person), listed(person, people)])
    const { order, ...rest } = lists
    expect(copy, 'a full copy of the changes is what the lists show').toEqual(rest)
    expect(viewOf(person.client), 'who followed the changes holds what a full copy gives').toEqual(copy)
    await person.live.catchUp(person.client.cursor)
    expect(viewOf(person.live.client), 'who only listened to the socket holds what a full copy gives').toEqual(copy)
    expect(order, 'the order of the chats').toEqual(expectedOrder(Object.values(rest.chats)))
    views.set(person.id, rest)
    checkOwn(ledger, person, rest)
    checkSessions(person, rest)
    await checkUnread(person)
  }
  for (const person of people)
    for (const peer of people) checkSide({ ledger, self: person.id, peer: peer.id, views, people })
}

const place = (chat: Chat) => `${chat.pinned ? 1 : 0}${chat.lastMessage?.id}`

const expectedOrder = (chats: Chat[]) =>
  chats
    .filter(({ lastMessage }) => lastMessage !== null)
    .sort((a, b) => (place(a) < place(b) ? 1 : -1))
    .map(({ id }) => id)

/** What the user has decided alone: blocks, contacts, profile. */
function checkOwn(ledger: Ledger, { id }: Person, { blocks, contacts, me }: ViewByChat) {
  for (const { userId } of blocks) expect(ledger.isBlockedNow(id, userId), 'a block that was lifted').toBe(true)
  const known = new Map(contacts.map(({ userId, name }) => [userId, name]))
  expect(known, 'contacts').toEqual(ledger.contacts.get(id) ?? new Map())
  const { span: _, ...profile } = { span: null, ...emptyProfile, ...ledger.profiles.get(id)?.at(-1) }
  expect(me, 'profile').toEqual(expect.objectContaining({ id, ...profile }))
}

/** The devices that are signed in, and where they were seen. */
function checkSessions({ sessionId, others }: Person, { sessions }: ViewByChat) {
  const [own, ...more] = sessions.filter(({ current }) => current)
  expect({ id: own?.id, more }, 'the current session').toEqual({ id: sessionId, more: [] })
  const elsewhere = sessions.filter(({ current }) => !current)
  expect(
    new Map(elsewhere.map(({ id, country, city, network }) => [id, { country, city, network }])),
    'the sessions of other devices',
  ).toEqual(others.places)
}

async function checkUnread({ id }: Person) {
  const rows = await inMailbox<{ peer_id: string; unread_count: number; recounted: number }>(
    id,
    `SELECT peer_id, unread_count, (SELECT count(*) FROM messages WHERE chat_id = peer_id AND mine = 0 AND hidden = 0
       AND deleted_at IS NULL AND id > read_id AND id > cleared_peer_id) AS recounted FROM chats`,
  )
  for (const row of rows) expect(row.unread_count, 'unreadCount against a recount of the rows').toBe(row.recounted)
}

/** One side of a chat against the model. */
function checkSide(side: Side) {
  const { ledger, self, peer, views } = side
  const view = views.get(self)
  const chat = view?.chats[peer]
  const entries = [...ledger.entries.values()].filter(
    (entry) => [entry.authorId, entry.peerId].includes(self) && chatOf(entry, self) === peer,
  )
  if (!chat) return expect(entries.filter((entry) => isHeld(side, entry) === true)).toEqual([])
  const messages = view?.messages[peer] ?? []
  expect(
    messages.map(({ id }) => id),
    'a chat is ordered by id, each message once',
  ).toEqual([...new Set(messages.map(({ id }) => id))].sort())
  checkPresence(side, chat, messages)
  for (const message of messages) checkMessage(side, message, messages)
  checkChat(side, chat, messages)
}

/** Checks which messages are there, and which must not be. */
function checkPresence(side: Side, chat: Chat, messages: Message[]) {
  const { ledger, self, peer } = side
  const { clears } = ledger.side(self, peer)
  const present = new Set(messages.map(({ id }) => id))
  for (const { id } of messages)
    expect(ledger.entries.get(id), `an unknown message: ${JSON.stringify(messages)}`).toBeDefined()
  for (const entry of ledger.entries.values()) {
    if (![entry.authorId, entry.peerId].includes(self) || chatOf(entry, self) !== peer) continue
    const mark = (entry.authorId === self ? chat.clearedUpTo?.own : chat.clearedUpTo?.peer) ?? ''
    const isCleared = entry.id <= mark
    const held = isHeld(side, entry)
    const what = `${spelled(entry)} at ${self}`
    if (clears.every((clear) => isBefore(clear, entry.span)))
      expect(isCleared, `cleared before it was sent: ${what}`).toBe(false)
    const known = entry.authorId === self ? entry.span : entry.seen.get(self)
    if (clears.some((clear) => known && isBefore(known, clear))) expect(isCleared, `not cleared: ${what}`).toBe(true)
    if (entry.hidden.has(self) || isCleared || held === false)
      expect(present.has(entry.id), `is there and must not be: ${what}`).toBe(false)
    else if (held === true) expect(present.has(entry.id), `is missing: ${what}`).toBe(true)
  }
}

function checkChat(side: Side, chat: Chat, messages: Message[]) {
  const { ledger, self, peer, views } = side
  const { pinned, markedUnread, muted, archived, reads } = ledger.side(self, peer)
  expect({ pinned: chat.pinned, markedUnread: chat.markedUnread, muted: chat.mutedUntil !== null }).toEqual({
    pinned,
    markedUnread,
    muted,
  })
  if (archived !== null) expect(chat.archived, 'archived').toBe(archived)
  expect(chat.lastMessage, 'the last message').toEqual(messages.at(-1) ?? null)
  expect(chat.lastReadMessageId ?? '', 'the user’s own read mark').toBe(reads.at(-1)?.messageId ?? '')
  const unread = messages.filter(
    ({ id, senderId, deletedAt }) => senderId !== self && !deletedAt && id > (chat.lastReadMessageId ?? ''),
  )
  expect(chat.unreadCount, 'unreadCount against what is there').toBe(unread.length)
  const { acceptance } = ledger.side(self, peer)
  if (self === peer || acceptance !== 'maybe')
    expect(chat.request, 'a request').toBe(self !== peer && acceptance === 'none')
  if (self === peer) return
  checkReadByPeer(side, chat)
  // A mailbox sends its profile to those it has a chat with; one that has refused every message has no chat.
  if (views.get(peer)?.chats[self]) checkPeerProfile(side, chat)
}

/** Checks the peer's read mark: the last one, or an earlier one when blocks held some back. */
function checkReadByPeer({ ledger, self, peer }: Side, chat: Chat) {
  const marks = ledger.side(peer, self).reads.filter(({ acceptance }) => acceptance !== 'none')
  const last = marks.at(-1)
  const shown = chat.readUpToMessageId ?? ''
  if (!last) return expect(shown, 'a read mark, although nobody has read, or only in a request').toBe('')
  const isOpen = !ledger.mayBeBlockedSince(self, peer, last.span) && !ledger.mayBeBlockedSince(peer, self, last.span)
  if (isOpen && last.acceptance === 'sure') return expect(shown, 'the read mark of the peer').toBe(last.messageId)
  const told = marks.filter(
    ({ span }) => !ledger.surelyBlocked(self, peer, span) && !ledger.surelyBlocked(peer, self, span),
  )
  expect(['', ...told.map(({ messageId }) => messageId)], 'the read mark of the peer, around blocks').toContain(shown)
}

function checkPeerProfile({ ledger, self, peer }: Side, chat: Chat) {
  const profiles = ledger.profiles.get(peer) ?? []
  const last = profiles.at(-1)
  const plain = ({ firstName, about, metadata }: ProfileFields) => ({ firstName, about, metadata })
  const shown = chat.peer && plain(chat.peer)
  expect(chat.peer?.id, 'the peer of a chat').toBe(peer)
  const isOpen = !ledger.isBlockedNow(self, peer) && !ledger.isBlockedNow(peer, self)
  if (isOpen) return expect(shown, 'the profile of the peer').toEqual(plain(last ?? emptyProfile))
  // Lifting a block takes the profile as it is then.
  expect([emptyProfile, ...profiles.map(plain)], 'the profile of the peer, around a block').toContainEqual(shown)
}
