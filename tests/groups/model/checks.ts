import { expect } from 'vitest'
import type { Chat } from '../../../schemas/chat'
import type { GroupMemberShown } from '../../../schemas/group'
import type { Message } from '../../../schemas/message'
import { isBefore } from '../../model/time'
import { call, ok } from '../../support/call'
import { type Page, readAll } from '../../support/pages'
import type { TestUser } from '../../support/users'
import type { Person, World } from './commands'
import { type Device, type Given, SocketDevice } from './devices'
import type { Entry, Ledger } from './ledger'
import { type GroupFacts, type MemberFacts, readGroup, readMailbox } from './state'

/** What holds once nothing is on its way: the promises of groups, and what acknowledged calls have made. */

interface Scene extends World {
  given: Given[]
  violations: string[]
}

/** What the group shows a member who asks for everything. */
interface View {
  messages: Message[]
  pins: Message[]
  members: GroupMemberShown[]
  chat: Chat
}

const all = <T>(operation: string, input: object, as: TestUser): Promise<T[]> =>
  readAll((cursor) => ok<Page<T>>(operation, { ...input, query: { limit: 50, cursor } }, { as }))

async function viewOf({ group }: World, as: TestUser): Promise<View> {
  const [inChat, inGroup] = [{ params: { chatId: group.id } }, { params: { groupId: group.id } }]
  return {
    chat: await ok<Chat>('getChat', inChat, { as }),
    messages: (await all<Message>('listMessages', inChat, as)).reverse(),
    pins: await all<Message>('listPins', inGroup, as),
    members: await all<GroupMemberShown>('listGroupMembers', inGroup, as),
  }
}

/** Others' own changes take numbers of which a mailbox need not hear. What is muted is the mailbox's own. */
const alike = (chat: Chat | null | undefined) => chat && { ...chat, version: null, updatedAt: '', mutedUntil: null }

/**
 * Checks everything. Before anybody asks for anything, what is stored has to be right. Returns whether there still is a
 * group: it ends with its last member.
 */
export async function checkAll(scene: Scene): Promise<boolean> {
  const facts = await readGroup(scene.group)
  if (facts.isErased) {
    for (const person of scene.people) await checkPerson(scene, facts, person)
    return false
  }
  checkRest(facts)
  checkLedger(scene, facts)
  for (const person of scene.people) await checkMailbox(scene, facts, person)
  for (const person of scene.people) await checkPerson(scene, facts, person)
  checkGiven(scene, facts)
  expect(scene.violations).toEqual([])
  return true
}

const memberOf = ({ members }: GroupFacts, { id }: TestUser): MemberFacts | undefined =>
  members.find(({ userId, isIn }) => userId === id && isIn)

/** Nothing is owed, and no alarm is set. There is one owner. */
function checkRest({ members, seq, told, alarmAt, astray }: GroupFacts) {
  expect(astray, 'bans and requests').toEqual({ bans: 0, requests: 0, bannedMembers: 0, requestsOfMembers: 0 })
  expect(
    members.filter(({ owed }) => owed === 1),
    'owed',
  ).toEqual([])
  expect({ told, alarmAt }, 'told, and no alarm').toEqual({ told: seq, alarmAt: null })
  const present = members.filter(({ isIn }) => isIn)
  if (present.length > 0) expect(present.filter(({ role }) => role === 'owner').length, 'owners').toBe(1)
}

/** No mailbox takes the group for unchanged that has changed for its owner. */
async function checkMailbox(scene: Scene, facts: GroupFacts, { user }: Person) {
  const member = memberOf(facts, user)
  const row = await readMailbox(user.id, scene.group)
  const what = `the mailbox of ${user.id}`
  const believes = row?.state === 'in'
  if (member) expect(believes, `${what} knows of the group`).toBe(true)
  if (!row || !believes || row.isDirty) return
  expect(member?.since, `${what} is clean, and its owner is a member`).toBe(row.since)
  expect(member?.hushedAt, `${what} is clean, and is called`).toBe(0)
  const chat = await ok<Chat>('getChat', { params: { chatId: scene.group.id } }, { as: user })
  expect(
    { unread: row.head?.unreadCount, mentions: row.head?.mentionCount, last: row.head?.lastMessage?.id ?? null },
    `${what} is clean`,
  ).toEqual({ unread: chat.unreadCount, mentions: chat.mentionCount, last: chat.lastMessage?.id ?? null })
  expect(row.head?.facts.title, `${what} is clean`).toBe(chat.group?.title)
}

async function checkPerson(scene: Scene, facts: GroupFacts, person: Person) {
  const { user, devices } = person
  const member = memberOf(facts, user)
  // Sockets that are open have been told of everything; the others find it when they connect, or ask.
  const openFirst = devices.toSorted((a, b) => Number(isOpen(b)) - Number(isOpen(a)))
  const view = member && (await viewOf(scene, user))
  if (view) checkView(facts, member, view, user)
  for (const device of openFirst) {
    const isLive = isOpen(device)
    await (isLive ? settled(device) : device.catchUp())
    const what = `${isLive ? 'an open socket' : device instanceof SocketDevice ? 'a socket' : 'a device'} of ${user.id}`
    if (view) checkDevice(scene, device, view, what)
    else expect([...device.copies.copies.keys()], `${what}, who is out`).toEqual([])
  }
  await checkList(scene, user, view)
}

const isOpen = (device: Device) => device instanceof SocketDevice && device.isOpen

/** What was sent to an open socket is here, and what that makes it ask for. */
async function settled(device: Device) {
  await device.catchUp()
}

function checkDevice({ group }: World, device: Device, view: View, what: string) {
  const copy = device.copies.copies.get(group.id)
  const shown = copy?.shown()
  expect(shown?.messages, `messages of ${what}`).toEqual(view.messages.filter(({ id }) => id >= (copy?.from ?? '')))
  expect(shown?.members, `members of ${what}`).toEqual(view.members)
  expect(alike(shown?.chat), `the chat of ${what}`).toEqual(alike(view.chat))
}

/** The first level: the list of chats, the count, and that those who are out get nothing. */
async function checkList({ group, ledger }: World, user: TestUser, view: View | undefined) {
  const chats = await all<Chat>('listChats', {}, user)
  const listed = chats.find(({ id }) => id === group.id)
  const { messages } = await ok<{ messages: number }>('getUnreadCount', {}, { as: user })
  expect(messages, `the count of ${user.id}`).toBe(view?.chat.unreadCount ?? 0)
  if (!view) {
    expect(listed, `${user.id} is out`).toBeUndefined()
    for (const operation of ['getGroup', 'listGroupMembers', 'listGroupChanges'])
      expect((await call(operation, { params: { groupId: group.id } }, { as: user })).status, operation).toBe(404)
    for (const operation of ['getChat', 'listMessages'])
      expect((await call(operation, { params: { chatId: group.id } }, { as: user })).status, operation).toBe(404)
    return
  }
  expect(alike(listed), `the list of ${user.id}`).toEqual(view.messages.length > 0 ? alike(view.chat) : undefined)
  const mute = ledger.mute(user.id)
  const isMuted = view.chat.mutedUntil !== null
  if (!ledger.membership(user.id).mayBecomeSince(false, { from: 1, to: 0 }))
    expect(mute.possible(), `whether ${user.id} has muted the group`).toContain(isMuted)
}

/** What a member is shown is what lies above their floor and is not hidden; the counts equal a recount. */
function checkView(facts: GroupFacts, member: MemberFacts, { messages, pins, chat, members }: View, user: TestUser) {
  const floor = member.clearedId > member.visibleAfter ? member.clearedId : member.visibleAfter
  const hidden = new Set(facts.hidden.filter(({ userId }) => userId === user.id).map(({ messageId }) => messageId))
  const visible = facts.messages.filter(({ id }) => id > floor && !hidden.has(id))
  expect(
    messages.map(({ id }) => id),
    `what ${user.id} sees`,
  ).toEqual(visible.map(({ id }) => id))
  const pinned = messages.filter(({ pinnedAt }) => pinnedAt !== null)
  const lastFirst = (a: Message, b: Message) => ((a.pinnedAt ?? '') < (b.pinnedAt ?? '') ? 1 : -1)
  expect(pins, `what ${user.id} sees pinned`).toEqual(pinned.toSorted(lastFirst))
  const unread = messages.filter(
    ({ id, senderId, deletedAt, event }) =>
      id > member.readId && senderId !== user.id && deletedAt === null && event === null,
  )
  expect(chat.unreadCount, `what ${user.id} has not read`).toBe(unread.length)
  const mentioning = unread.filter(({ mentions }) => mentions.includes(user.id))
  expect(chat.mentionCount, `what mentions ${user.id}`).toBe(mentioning.length)
  expect(chat.lastMessage, `the last message of ${user.id}`).toEqual(messages.at(-1) ?? null)
  const present = facts.members.filter(({ isIn }) => isIn).map(({ userId }) => userId)
  expect(
    members.map(({ user: { id } }) => id),
    'members',
  ).toEqual(present.toSorted())
  for (const { replyTo } of messages)
    if (replyTo && replyTo.id <= member.visibleAfter) expect(replyTo.text, 'a quote of what is not to be seen').toBe('')
}

/** The group against the acknowledged calls. */
function checkLedger({ ledger }: World, facts: GroupFacts) {
  for (const [userId, register] of ledger.members) {
    const isIn = facts.members.some((member) => member.userId === userId && member.isIn)
    expect(register.possible(), `whether ${userId} is in`).toContain(isIn)
  }
  const { settings } = ledger
  for (const [value, register] of [
    [facts.title, settings.title],
    [facts.settings.historyVisible, settings.historyVisible],
    [facts.settings.addBy, settings.addBy],
  ] as const)
    expect(register.possible(), 'a setting').toContain(value)
  for (const entry of ledger.entries) checkEntry(ledger, facts, entry)
  for (const row of facts.messages)
    if (row.clientMessageId !== null)
      expect(
        ledger.entries.filter(({ clientMessageId }) => clientMessageId === row.clientMessageId).length,
        `${row.text} was sent`,
      ).toBe(1)
  checkOrder(ledger.entries)
  checkOwn({ ledger }, facts)
}

function checkEntry(ledger: Ledger, facts: GroupFacts, entry: Entry) {
  const { senderId, clientMessageId } = entry
  const rows = facts.messages.filter((row) => row.senderId === senderId && row.clientMessageId === clientMessageId)
  const what = `the message ${clientMessageId}`
  expect(rows.length, what).toBeLessThanOrEqual(1)
  const [row] = rows
  if (entry.acknowledged) expect(row?.id, what).toBe(entry.id)
  if (!row) return
  const notes = ledger.notesOf(row.id)
  const isDeleted = row.deletedAt !== null
  const deleted = notes.deleted.possible()
  expect(deleted, `whether ${what} is deleted`).toContain(isDeleted)
  if (isDeleted) return expect(row.text).toBe('')
  const texts = [...notes.text.possible(), ...(notes.text.isSet ? [] : [entry.body.text])]
  expect(texts, `the text of ${what}`).toContain(row.text)
  for (const [userId, register] of notes.reactions) {
    const isOn = facts.reactions.some((one) => one.messageId === row.id && one.userId === userId)
    expect(register.possible(), `whether ${userId} reacts to ${what}`).toContain(isOn)
  }
}

/** A message that was acknowledged before another was sent comes before it. */
function checkOrder(entries: readonly Entry[]) {
  for (const one of entries)
    for (const other of entries)
      if (one.acknowledged && isBefore(one.acknowledged, other.span) && other.id !== null)
        expect((one.id ?? '') < other.id, `${one.clientMessageId} before ${other.clientMessageId}`).toBe(true)
}

/** What members have hidden, cleared and read, unless they may have left since. */
function checkOwn({ ledger }: Pick<World, 'ledger'>, facts: GroupFacts) {
  for (const [id, { hidings }] of ledger.messages)
    for (const { userId, span, isSure } of hidings) {
      const member = facts.members.find((one) => one.userId === userId)
      if (!isSure || !member?.isIn || ledger.mayHaveLeftSince(userId, span)) continue
      const isHidden = facts.hidden.some((one) => one.userId === userId && one.messageId === id)
      expect(isHidden || id <= member.clearedId, `${id} is hidden for ${userId}`).toBe(true)
    }
  for (const { userId, messageId } of facts.hidden) {
    const hiders = ledger.notesOf(messageId).hidings.map((one) => one.userId)
    expect(hiders, `who hid ${messageId}`).toContain(userId)
  }
  for (const { userId, id, span } of ledger.marks) {
    const member = facts.members.find((one) => one.userId === userId)
    if (member?.isIn && !ledger.mayHaveLeftSince(userId, span))
      expect(member.readId >= id, `${userId} has read ${id}`).toBe(true)
  }
  for (const { userId, span, isSure } of ledger.clears) {
    const member = facts.members.find((one) => one.userId === userId)
    if (!isSure || !member?.isIn || ledger.mayHaveLeftSince(userId, span)) continue
    for (const entry of ledger.entries)
      if (entry.id !== null && entry.acknowledged && isBefore(entry.acknowledged, span))
        expect(entry.id <= member.clearedId, `${entry.clientMessageId} is cleared for ${userId}`).toBe(true)
  }
}

/** Nobody was ever given what lies before their membership. */
function checkGiven({ given }: Scene, { members }: GroupFacts) {
  const floors = new Map(members.map(({ userId, since, visibleAfter }) => [`${userId}/${since}`, visibleAfter]))
  for (const { userId, since, id } of given)
    expect(id > (floors.get(`${userId}/${since}`) ?? ''), `${userId} was given ${id}`).toBe(true)
}
