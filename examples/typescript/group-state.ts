// The rules of a group, which is followed by itself: see "Groups" in docs/realtime.md.
import type { GroupChangeSet, GroupChanges, GroupChangesFrame, GroupMember } from './schema.js'
import { heldOf, putChat, putMessage, type State, withHeldSettings } from './state.js'

/** A page of a group's changes, and the cursor that it was requested with; undefined for a fresh start. */
export interface GroupPage {
  page: GroupChanges
  askedFrom: string | undefined
}

/** What changed in a group: as a frame, or as a page that was requested. */
export type GroupNews = GroupChangesFrame | GroupPage

/** Groups of which more has happened than is held, or of which nothing is held. */
export const groupsBehind = (state: State): string[] =>
  [...state.chats.keys()].filter((chatId) => isGroupBehind(state, chatId))

function isGroupBehind(state: State, chatId: string): boolean {
  const version = state.chats.get(chatId)?.version ?? null
  return version !== null && version > (state.groups.get(chatId)?.version ?? -1)
}

function putChanges(state: State, chatId: string, { messages, removed, members }: GroupChangeSet) {
  const held = heldOf(state, chatId)
  for (const message of messages) putMessage(held, message)
  for (const { messageId } of removed) {
    held.delete(messageId)
    state.removed.add(messageId)
  }
  if (members.length === 0) return
  const known = state.members.get(chatId) ?? new Map<string, GroupMember>()
  for (const member of members) known.set(member.user.id, member)
  state.members.set(chatId, known)
}

/** Frames can come twice, late, or not at all. */
function applyFrame(state: State, { chatId, from, version, chat, changes, cursor }: GroupChangesFrame): boolean {
  const copy = state.groups.get(chatId)
  if (copy && copy.version >= version) return false
  const follows = copy !== undefined && copy.version >= from && changes !== null
  if (follows) {
    putChanges(state, chatId, changes)
    state.groups.set(chatId, { ...copy, cursor, version })
  }
  putChat(state, chat)
  return isGroupBehind(state, chatId)
}

const oldestOf = ({ messages }: GroupChangeSet) =>
  messages.reduce((oldest, { id }) => (oldest === '' || id < oldest ? id : oldest), '')

/** A page that was overtaken is of no use: a frame has brought more, or the group was left or fetched meanwhile. */
function applyPage(state: State, { page, askedFrom }: GroupPage): boolean {
  const { chatId, cursor, chat, hasMore } = page
  const copy = state.groups.get(chatId)
  if (copy?.cursor !== askedFrom) return isGroupBehind(state, chatId)
  const version = chat.version ?? 0
  if (copy && !page.reset) {
    putChanges(state, chatId, page)
    state.groups.set(chatId, { ...copy, cursor, version: hasMore ? copy.version : version })
  } else {
    heldOf(state, chatId).clear()
    state.members.delete(chatId)
    putChanges(state, chatId, page)
    const oldestId = oldestOf(page)
    const held = hasMore ? -1 : version
    state.groups.set(chatId, { cursor, version: held, start: version, oldestId, hasMore: oldestId !== '' })
  }
  putChat(state, withHeldSettings(state, chat))
  return hasMore || isGroupBehind(state, chatId)
}

/** Applies what changed in a group. Returns whether more has happened there than is held: then request it. */
export const reduceGroup = (state: State, news: GroupNews): boolean =>
  'page' in news ? applyPage(state, news) : applyFrame(state, news)

/** The messages in it, each of which can settle one that was sent. */
export const messagesIn = (news: GroupNews) => ('page' in news ? news.page : news.changes)?.messages ?? []

export const groupIn = (news: GroupNews) => ('page' in news ? news.page : news).chatId
