import { expect } from 'vitest'
import type { Chat } from '../../schemas/chat'
import type { Message, OutgoingMessage } from '../../schemas/message'
import type { ProblemCode } from '../../src/core/errors'
import { limits } from '../../src/core/limits'
import type { Input } from '../support/call'
import {
  type Change,
  type Content,
  chatOf,
  type Entry,
  emptyProfile,
  getOrMake,
  hasReaction,
  isContent,
  type Ledger,
  lastOf,
  type Mark,
  reactionsOf,
} from './ledger'
import { type Person, syncOverRest } from './people'
import type { Command, CommandKind } from './plan'
import { obtain, settle } from './settle'
import { begin, end, type Span } from './time'

/** A command with its objects resolved: what it does, and what must not run beside it for the model to be exact. */
export interface Task {
  name: CommandKind
  /** Tasks in the same lane run one after the other. */
  lane: string
  run: () => Promise<void>
}

export interface Scene {
  people: Person[]
  ledger: Ledger
}

export const emoji = ['👍', '❤️', '😂', '😮']
const farAhead = '2100-01-01T00:00:00.000Z'

let serial = 0
const pick = <T>(items: T[], which: number): T | undefined => items[which % Math.max(items.length, 1)]

/** Which refusals a call may get, and which of them it must get. */
type Refusals = Partial<Record<ProblemCode, { may: boolean; must?: boolean }>>

interface Problem {
  code: ProblemCode
}

/** Checks the outcome against the model: refused only for a possible reason, done only when nothing forbade it. */
function isDone({ status, body }: { status: number; body: unknown }, refusals: Refusals, what: string): boolean {
  if (status < 300) {
    const broken = Object.entries(refusals).flatMap(([code, { must }]) => (must ? code : []))
    expect(broken, `${what} was done despite`).toEqual([])
    return true
  }
  const { code } = body as Problem
  expect(refusals[code]?.may ?? false, `${what} was refused: ${JSON.stringify(body)}`).toBe(true)
  return false
}

const latestMax = 4
/** How many commands are in flight at once, at most. */
const atOnceMax = 4

/** The latest messages of a chat, of those that the user knows. */
export const latestIn = ({ ledger }: Scene, self: Person, peerId: string): Entry[] =>
  [...ledger.entries.values()]
    .filter((entry) => [entry.authorId, entry.peerId].includes(self.id) && chatOf(entry, self.id) === peerId)
    .filter(({ id, authorId }) => authorId === self.id || self.client.messageIds.includes(id))
    .slice(-latestMax)

/** Resolves a command. With `targets`, it is about one of these messages instead of any that the user knows. */
export function taskOf({ people, ledger }: Scene, command: Command, targets?: Entry[]): Task | undefined {
  const { kind, which, how } = command
  const self = pick(people, command.who)
  const others = people.filter((one) => one !== self)
  const other = pick(others, command.whom)
  if (!self || !other) return undefined
  // Occasionally a note to self.
  const peer = command.whom % 10 === 9 && !targets ? self : other
  const own = (targets ?? [...ledger.entries.values()]).filter(({ authorId }) => authorId === self.id)
  const visible = targets ?? self.client.messageIds.flatMap((id) => ledger.entries.get(id) ?? [])
  const task = (lane: string, run: () => Promise<void>): Task => ({ name: kind, lane: `${lane} ${self.id}`, run })
  const change = (entry: Entry | undefined, to: (entry: Entry) => Promise<void>) =>
    entry && task(`part ${entry.id}`, () => to(entry))
  const inChat = (run: (chatId: string) => Promise<void>) => {
    const chatId = pick(self.client.chatIds, which)
    return chatId && task(`chat ${chatId}`, () => run(chatId))
  }
  const actor = new Actor(ledger, self)
  const tasks: Record<CommandKind, () => Task | '' | undefined> = {
    send: () => task(`send ${++serial}`, () => actor.send(peer.id, how)),
    reply: () => {
      const target = pick(visible, which)
      return target && task(`send ${++serial}`, () => actor.send(chatOf(target, self.id), how, target))
    },
    retry: () => {
      const entry = pick(own, which)
      return entry && task(`send ${++serial}`, () => actor.retry(entry, how))
    },
    edit: () => change(pick(own, which), (entry) => actor.edit(entry, how)),
    deleteForMe: () => change(pick(visible, which), (entry) => actor.deleteForMe(entry)),
    deleteForEveryone: () => change(pick(own, which), (entry) => actor.deleteForEveryone(entry)),
    react: () => change(pick(visible, which), (entry) => actor.react('addReaction', entry, how)),
    unreact: () => change(pick(visible, which), (entry) => actor.react('removeReaction', entry, how)),
    clear: () => inChat((chatId) => actor.clear(chatId)),
    read: () => inChat((chatId) => actor.read(chatId, how)),
    settings: () => inChat((chatId) => actor.updateChat(chatId, how)),
    accept: () => inChat((chatId) => actor.accept(chatId)),
    block: () => task(`block ${other.id}`, () => actor.block(other.id)),
    unblock: () => {
      const blocked = pick(
        others.filter(({ id }) => ledger.isBlockedNow(self.id, id)),
        command.whom,
      )
      return task(`block ${(blocked ?? other).id}`, () => actor.unblock((blocked ?? other).id))
    },
    profile: () => task('profile', () => actor.changeProfile(how)),
    saveContact: () => task(`contact ${other.id}`, () => actor.saveContact(other.id, how)),
    removeContact: () => task(`contact ${other.id}`, () => actor.removeContact(other.id)),
    signInElsewhere: () => task('devices', () => self.others.signIn(how)),
    moveElsewhere: () => task('devices', () => self.others.move(which, how)),
    endElsewhere: () => task('devices', () => self.others.end(which)),
    endOthers: () => task('devices', () => self.others.endAll()),
    sync: () => task('sync', () => actor.sync(1 + (how % 7))),
    restart: () => task('sync', () => actor.restart(1 + (how % 20))),
    connect: () => task('live', () => self.live.connect()),
    disconnect: () => task('live', async () => self.live.disconnect()),
    restartLive: () => task('live', async () => self.live.restart()),
  }
  return tasks[kind]() || undefined
}

/** What is left of a message that was deleted. */
const nothing: Content = { text: '', metadata: null, edited: false, deleted: true }

/** An edit of the text, of the metadata, or of both. */
function editBody(how: number): Partial<Content> {
  const [text, metadata] = [`edit ${++serial}`, { serial, list: [null, { serial }] }]
  return [{ text }, { metadata }, { text, metadata: how % 2 === 0 ? metadata : null }][how % 3] ?? { text }
}

/** A change that a call makes. */
interface Changing<State> {
  changes: Change<State>[]
  state: State
  isShown: (message: Message) => boolean
}

/** One user who acts, and records it in the ledger. */
class Actor {
  readonly #ledger: Ledger
  readonly #self: Person

  constructor(ledger: Ledger, self: Person) {
    this.#ledger = ledger
    this.#self = self
  }

  async send(chatId: string, how: number, target?: Entry) {
    const text = `text ${++serial}`
    const body: OutgoingMessage = {
      clientMessageId: `c${serial}`,
      text,
      ...(how % 3 === 0 && { metadata: { serial } }),
      ...(target && { replyToId: target.id }),
    }
    const span = begin()
    this.#ledger.accepts(this.#self.id, chatId, 'maybe')
    const answer = await this.#sent(chatId, body, how)
    end(span)
    const refusals: Refusals = {
      blocked_by_you: this.#blocked(chatId, span),
      acceptance_required: this.#unaccepted(chatId, span),
      ...(target && {
        reply_target_unusable: {
          may: this.#gone(target, span).may || this.#ledger.mayBeDeleted(target, span),
          must: this.#gone(target, span).must,
        },
      }),
    }
    if (!isDone(answer, refusals, 'sendMessage')) return
    this.#ledger.accepts(this.#self.id, chatId, 'sure')
    const { id, replyTo } = answer.body
    const { clientMessageId, metadata = null } = body
    expect(answer.body).toMatchObject({ chatId, senderId: this.#self.id, clientMessageId, text, metadata })
    expect(replyTo?.id).toBe(target?.id)
    expect(this.#ledger.entries.get(id), 'a new message has an id of its own').toBeUndefined()
    this.#ledger.add(
      { authorId: this.#self.id, peerId: chatId, body, span },
      id,
      answer.status === 201 ? (replyTo?.text ?? null) : null,
    )
    this.#touched(chatId)
  }

  /** Beyond the limit, a send must be refused if the peer has done nothing that could accept the chat. */
  #unaccepted(chatId: string, span: Span) {
    const sent = this.#ledger.sentBefore(this.#self.id, chatId, span)
    const isLimited = chatId !== this.#self.id && sent + atOnceMax >= limits.requestMessagesMax
    const { acceptance } = this.#ledger.side(chatId, this.#self.id)
    return { may: isLimited, must: isLimited && acceptance === 'none' && sent >= limits.requestMessagesMax }
  }

  async accept(chatId: string) {
    this.#ledger.accepts(this.#self.id, chatId, 'maybe')
    await obtain('updateChat', { params: { chatId }, body: { accepted: true } }, this.#self)
    this.#ledger.accepts(this.#self.id, chatId, 'sure')
  }

  /** A message unarchives a chat, on the other side whenever it arrives. */
  #touched(chatId: string) {
    for (const side of [this.#ledger.side(this.#self.id, chatId), this.#ledger.side(chatId, this.#self.id)])
      if (side.archived && !side.muted) side.archived = null
  }

  /** Sends over the socket when there is one, or by a call. The first message to a peer always goes by a call. */
  async #sent(chatId: string, body: OutgoingMessage, how: number) {
    const { live } = this.#self
    const isLive = how % 2 === 0 && live.isOpen
    const answer = isLive ? await live.send(chatId, body) : undefined
    if (answer && Reflect.get(answer.body, 'code') !== 'chat_not_found') return answer
    const called = await settle<Message>('sendMessage', { params: { chatId }, body }, this.#self)
    return { ...called, isRepeated: called.isRepeated || isLive }
  }

  async retry(entry: Entry, how: number) {
    const { status, body } = await this.#sent(entry.peerId, entry.body, how)
    expect({ status, id: body.id }, 'a retry').toEqual({ status: 200, id: entry.id })
  }

  async edit(entry: Entry, how: number) {
    const last = lastOf(entry.content)
    const isSame = how % 6 === 0 && !last.deleted
    const body = isSame ? { text: last.text, metadata: last.metadata } : editBody(how)
    const change = isSame ? null : this.#contentChange(entry, { ...last, ...body, edited: true })
    await this.#change('editMessage', entry, change, { body }, { mustBeDeleted: last.deleted })
  }

  async deleteForEveryone(entry: Entry) {
    const isDoneAlready = lastOf(entry.content).deleted
    const change = isDoneAlready ? null : this.#contentChange(entry, nothing)
    await this.#change('deleteMessage', entry, change, { query: { scope: 'everyone' } }, { isDoneAlready })
  }

  async react(operationId: 'addReaction' | 'removeReaction', entry: Entry, how: number) {
    const one = emoji[how % emoji.length] ?? ''
    const { id: userId } = this.#self
    const changes = reactionsOf(entry, userId, one)
    const state = operationId === 'addReaction'
    const isShown = (message: Message) => hasReaction(message, userId, one) === state
    const change = lastOf(changes) === state ? null : { changes, state, isShown }
    if (operationId === 'addReaction') this.#ledger.accepts(userId, chatOf(entry, userId), 'maybe')
    const mustBeDeleted = entry.authorId === userId && lastOf(entry.content).deleted
    await this.#change(operationId, entry, change, { params: { emoji: one } }, { mustBeDeleted })
  }

  #contentChange = (entry: Entry, state: Content): Changing<Content> => ({
    changes: entry.content,
    state,
    isShown: (message) => isContent(message, state),
  })

  /** Changes the actor's part of a message; null leaves it as it is. */
  async #change<State>(
    operationId: string,
    entry: Entry,
    changing: Changing<State> | null,
    input: Input,
    { mustBeDeleted = false, isDoneAlready = false },
  ) {
    const chatId = chatOf(entry, this.#self.id)
    const span = begin()
    const change: Change<State> | null = changing && { span, state: changing.state }
    if (change) changing?.changes.push(change)
    const params = { chatId, messageId: entry.id, ...input.params }
    const answer = await settle(operationId, { ...input, params }, this.#self)
    end(span)
    const isOwn = entry.authorId === this.#self.id
    const blocked = this.#blocked(chatId, span)
    const done = isDone(
      answer,
      {
        message_not_found: this.#gone(entry, span),
        blocked_by_you: isDoneAlready ? { may: false } : blocked,
        ...(operationId !== 'deleteMessage' && {
          message_deleted: { may: isOwn ? mustBeDeleted : this.#ledger.mayBeDeleted(entry, span), must: mustBeDeleted },
        }),
      },
      operationId,
    )
    if (done || !change || !changing) return
    if (answer.isRepeated) change.isUnsure = !(await this.#isMade(entry, changing.isShown))
    else changing.changes.splice(changing.changes.indexOf(change), 1)
  }

  /** Whether an earlier attempt of a call that was refused in the end has changed the message. */
  async #isMade(entry: Entry, isShown: (message: Message) => boolean): Promise<boolean> {
    const params = { chatId: chatOf(entry, this.#self.id), messageId: entry.id }
    const { status, body } = await settle<Message>('getMessage', { params }, this.#self)
    return status === 200 && isShown(body)
  }

  async deleteForMe(entry: Entry) {
    const known = entry.hidden.get(this.#self.id)
    const span = begin()
    if (!known) entry.hidden.set(this.#self.id, span)
    const answer = await settle(
      'deleteMessage',
      { params: { chatId: chatOf(entry, this.#self.id), messageId: entry.id }, query: { scope: 'me' } },
      this.#self,
    )
    end(span)
    const cleared = this.#cleared(entry, span)
    const done = isDone(answer, { message_not_found: cleared }, 'deleteMessage')
    if (!done && !known) entry.hidden.delete(this.#self.id)
  }

  async clear(chatId: string) {
    const side = this.#ledger.side(this.#self.id, chatId)
    const span = begin()
    side.clears.push(span)
    await obtain('clearChat', { params: { chatId } }, this.#self)
    end(span)
    side.markedUnread = false
  }

  async read(chatId: string, how: number) {
    const messages = this.#self.client.messagesOf(chatId)
    // Mostly one of the latest.
    const upTo = messages.at(-1 - (how % Math.min(Math.max(messages.length, 1), 4)))?.id
    const entry = upTo && this.#ledger.entries.get(upTo)
    if (!entry) return
    const side = this.#ledger.side(this.#self.id, chatId)
    const held = messages.filter(({ id, senderId }) => senderId !== this.#self.id && id <= entry.id).at(-1)?.id ?? ''
    const before = side.acceptance
    const mark: Mark = { span: begin(), messageId: '', acceptance: before }
    const answer = await this.#marked(chatId, entry.id, how)
    end(mark.span)
    mark.acceptance = before === side.acceptance ? before : 'maybe'
    const done = isDone(answer, { message_not_found: this.#gone(entry, mark.span) }, 'markChatRead')
    if (!done && !answer.isRepeated) return
    const chat = done ? answer.body : await obtain<Chat>('getChat', { params: { chatId } }, this.#self)
    const lastRead = side.reads.at(-1)?.messageId ?? ''
    mark.messageId = chat.lastReadMessageId ?? ''
    if (!done && mark.messageId === lastRead) return
    expect(mark.messageId >= lastRead && mark.messageId >= held, 'a read mark covers what was seen').toBe(true)
    expect(
      mark.messageId === lastRead || mark.messageId <= entry.id,
      'a read mark stays at or below what was read',
    ).toBe(true)
    // A mark that the peer could not know of is told when it is set again.
    const isAgain = lastRead !== '' && entry.id >= lastRead && side.reads.at(-1)?.acceptance !== 'sure'
    if (mark.messageId > lastRead || isAgain) side.reads.push(mark)
    side.markedUnread = false
  }

  async #marked(chatId: string, upToMessageId: string, how: number) {
    const { live } = this.#self
    const isLive = how % 2 === 0 && live.isOpen
    const answer = isLive ? await live.markRead(chatId, upToMessageId) : undefined
    if (answer) return answer
    const called = await settle<Chat>('markChatRead', { params: { chatId }, body: { upToMessageId } }, this.#self)
    return { ...called, isRepeated: called.isRepeated || isLive }
  }

  async updateChat(chatId: string, how: number) {
    const side = this.#ledger.side(this.#self.id, chatId)
    const isSet = how % 2 === 0
    const choice = ['pinned', 'archived', 'markedUnread', 'muted'] as const
    const field = choice[(how >> 1) % choice.length] ?? 'pinned'
    if (field === 'archived' || field === 'muted') side.archived = null
    const body = field === 'muted' ? { mutedUntil: isSet ? farAhead : null } : { [field]: isSet }
    const messages = this.#ledger.entries.size
    await obtain('updateChat', { params: { chatId }, body }, this.#self)
    side[field] = isSet
    // A message that came in between, or is in transit, may unarchive it again.
    if (field === 'archived' && isSet && (!side.muted || messages !== this.#ledger.entries.size)) side.archived = null
  }

  async block(userId: string) {
    const blocks = this.#ledger.blocks(this.#self.id, userId)
    const started = begin()
    if (!this.#ledger.isBlockedNow(this.#self.id, userId)) blocks.push({ started, ended: null })
    await obtain('blockUser', { params: { userId } }, this.#self)
    end(started)
  }

  async unblock(userId: string) {
    const blocks = this.#ledger.blocks(this.#self.id, userId)
    const ended = begin()
    const last = blocks.at(-1)
    if (last?.ended === null) last.ended = ended
    await obtain('unblockUser', { params: { userId } }, this.#self)
    end(ended)
  }

  async changeProfile(how: number) {
    const profiles = getOrMake(this.#ledger.profiles, this.#self.id, () => [])
    const last = profiles.at(-1)
    const value = how % 7 === 0 ? null : `profile ${++serial}`
    const change =
      [{ firstName: value }, { about: value }, { metadata: value === null ? value : { value } }][how % 3] ?? {}
    const span = begin()
    profiles.push({ ...emptyProfile, ...last, ...change, span })
    await obtain('updateMe', { body: change }, this.#self)
    end(span)
  }

  async saveContact(userId: string, how: number) {
    const contacts = getOrMake(this.#ledger.contacts, this.#self.id, () => new Map())
    const name = how % 3 === 0 ? undefined : how % 3 === 1 ? null : `name ${how}`
    const isHeld = this.#self.client.chatIds.includes(userId)
    this.#ledger.accepts(this.#self.id, userId, 'maybe')
    await obtain('saveContact', { params: { userId }, body: { name } }, this.#self)
    if (isHeld) this.#ledger.accepts(this.#self.id, userId, 'sure')
    contacts.set(userId, name === undefined ? (contacts.get(userId) ?? null) : name)
  }

  async removeContact(userId: string) {
    await obtain('removeContact', { params: { userId } }, this.#self)
    this.#ledger.contacts.get(this.#self.id)?.delete(userId)
  }

  async sync(limit: number) {
    const { client, id: userId } = this.#self
    await syncOverRest(client, this.#self, limit)
    const seen = begin()
    end(seen)
    for (const id of client.messageIds) {
      const entry = this.#ledger.entries.get(id)
      if (entry && !entry.seen.has(userId)) entry.seen.set(userId, seen)
    }
  }

  async restart(limit: number) {
    this.#self.client.forget()
    await this.sync(limit)
  }

  #blocked(peerId: string, span: Span) {
    return {
      may: this.#ledger.mayBeBlocked(this.#self.id, peerId, span),
      must: this.#ledger.surelyBlocked(this.#self.id, peerId, span),
    }
  }

  #gone(entry: Entry, span: Span) {
    return {
      may: this.#ledger.mayBeGone(entry, this.#self.id, span),
      must: this.#ledger.surelyGone(entry, this.#self.id, span),
    }
  }

  #cleared(entry: Entry, span: Span) {
    const bare = { ...entry, hidden: new Map() }
    return this.#gone(bare, span)
  }
}
