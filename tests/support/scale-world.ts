import { evictDurableObject } from 'cloudflare:test'
import type { File } from '../../schemas/file'
import type { Message } from '../../schemas/message'
import { ok } from './call'
import { delivered, send } from './chat-calls'
import { inMailbox, stubOf } from './delivery-faults'
import { chatColumns, chatRows, messageRows, numbers } from './scale-rows'
import { indexAnew } from './search-index'
import { newUser, type TestUser } from './users'

/** How much the mailboxes of a world hold. */
export interface Size {
  messages: number
  chats: number
  files: number
  contacts: number
}

/** Two users who have known each other for long, and a third. */
export interface World {
  alice: TestUser
  bob: TestUser
  carol: TestUser
  /** Of Alice's, in the chat with Bob. */
  message: Message
  file: File
}

/** Inserts messages by both authors, older than any that a test sends, directly into the tables of a mailbox. */
export const fillChat = (user: TestUser, peer: TestUser, count: number) =>
  inMailbox(user.id, messageRows(peer.id, { count }))

export async function fillChats(user: TestUser, count: number) {
  const columns = await inMailbox<{ name: string }>(user.id, chatColumns)
  await inMailbox(user.id, chatRows(columns, count))
}

async function fillOthers(user: TestUser, { files, contacts }: Size) {
  await inMailbox(
    user.id,
    `${numbers(files)} INSERT INTO files (id, state, name, content_type, size, sha256, created_at)
     SELECT printf('fil_00%024d', i), 'stored', 'old', 'text/plain', 3, '${'0'.repeat(64)}', 0 FROM n`,
  )
  await inMailbox(
    user.id,
    `${numbers(2 * contacts)} INSERT INTO contacts (user_id, seq, name, created_at, updated_at, removed)
     SELECT printf('usr_00%024d', i), 0, NULL, 0, 0, i % 2 FROM n`,
  )
}

export const sleepAndWake = (user: TestUser) => evictDurableObject(stubOf(user.id))

export const upload = (user: TestUser) =>
  ok<File>(
    'uploadFile',
    { raw: 'bytes', query: { name: 'a.txt' }, headers: { 'Content-Type': 'text/plain' } },
    { as: user },
  )

/** Makes a world of a size; its mailboxes are awake. */
export async function worldOf(size: Size): Promise<World> {
  const [alice, bob, carol] = [await newUser(), await newUser(), await newUser()]
  const message = await send(alice, bob, 'the first')
  await send(bob, alice, 'the answer')
  await send(alice, alice, 'a note')
  const file = await upload(alice)
  await delivered(alice, bob)
  for (const [user, peer] of [
    [alice, bob],
    [bob, alice],
  ] as const) {
    await fillChat(user, peer, size.messages)
    await fillChats(user, size.chats)
  }
  await indexAnew(alice)
  await fillOthers(alice, size)
  for (const user of [alice, bob]) {
    await sleepAndWake(user)
    await ok('getUnreadCount', {}, { as: user })
  }
  await ok('getChat', { params: { chatId: bob.id } }, { as: alice })
  return { alice, bob, carol, message, file }
}
