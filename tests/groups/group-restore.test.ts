import { evictDurableObject, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { expect, test } from 'vitest'
import type { Changes } from '../../schemas/changes'
import type { Chat } from '../../schemas/chat'
import { ok, refused } from '../support/call'
import { get, send } from '../support/chat-calls'
import { stubOf } from '../support/delivery-faults'
import { addMembers, changesOf, groupOf, settle, type TestGroup, textsOf } from '../support/group-calls'
import { newUser, type TestUser } from '../support/users'

type Rows = Record<string, SqlStorageValue>[]

const stubOfGroup = ({ id }: TestGroup) => env.GROUP.get(env.GROUP.idFromName(id))

/** Where a backup is made of: what an object holds, and how to read and overwrite it. */
interface Backup {
  [table: string]: Rows
}

const read = (sql: SqlStorage, tables: readonly string[]): Backup =>
  Object.fromEntries(tables.map((table) => [table, sql.exec(`SELECT * FROM ${table}`).toArray()]))

function overwrite(sql: SqlStorage, backup: Backup) {
  for (const [table, rows] of Object.entries(backup)) {
    sql.exec(`DELETE FROM ${table}`)
    for (const row of rows) {
      const columns = Object.keys(row)
      const values = columns.map(() => '?').join(', ')
      sql.exec(`INSERT INTO ${table} (${columns.join(', ')}) VALUES (${values})`, ...Object.values(row))
    }
  }
}

const groupTables = ['facts', 'members', 'messages', 'mentions', 'reactions', 'hidden']

const backUpGroup = (group: TestGroup) =>
  runInDurableObject(stubOfGroup(group), (_, { storage }) => read(storage.sql, groupTables))

/** What a restore from a backup does: the storage is as it was, and the group learns of it when it wakes. */
async function restoreGroup(group: TestGroup, backup: Backup) {
  await runInDurableObject(stubOfGroup(group), (_, { storage }) => {
    overwrite(storage.sql, backup)
    storage.sql.exec('UPDATE facts SET restored = 1')
  })
  await evictDurableObject(stubOfGroup(group))
}

const chatOf = (user: TestUser, { id: chatId }: TestGroup) => ok<Chat>('getChat', { params: { chatId } }, { as: user })

const copyOf = (user: TestUser) => ok<Changes>('listChanges', { query: { limit: 200 } }, { as: user })

const leave = (user: TestUser, { id: groupId }: TestGroup) => ok('leaveGroup', { params: { groupId } }, { as: user })

async function restoredWorld() {
  const { group, users } = await groupOf(3)
  const [ana, ben, cleo] = users
  const dora = await newUser()
  if (!ana || !ben || !cleo) throw new Error('There are three')
  await send(ana, group, 'before')
  await ok('updateChat', { params: { chatId: group.id }, body: { pinned: true } }, { as: ben })
  await settle(group)
  const backup = await backUpGroup(group)
  const held = await changesOf(ben, group)
  const lost = await send(ana, group, 'lost')
  await addMembers(ana, group, [dora])
  await leave(cleo, group)
  await settle(group)
  const before = await copyOf(ben)
  await copyOf(dora)
  await copyOf(cleo)
  const later = await changesOf(ben, group, held.cursor)
  await restoreGroup(group, backup)
  await chatOf(ana, group)
  await settle(group)
  return { group, ana, ben, cleo, dora, lost, held, later, before }
}

test('a restored group goes on above every number that it gave out, and clients start again', async () => {
  const { group, ana, ben, lost, held, later } = await restoredWorld()
  const chat = await chatOf(ben, group)
  expect(chat.version).toBeGreaterThan(later.chat.version ?? 0)
  expect(chat).toMatchObject({ lastMessage: { text: 'before' }, pinned: true })
  await refused('getMessage', 'message_not_found', { params: { chatId: group.id, messageId: lost.id } }, { as: ben })
  for (const { cursor } of [held, later]) {
    const again = await changesOf(ben, group, cursor)
    expect(again.reset).toBe(true)
    expect(textsOf(again.messages)).toEqual(['before'])
  }
  const sent = await send(ana, group, 'after')
  expect(sent.id > lost.id).toBe(true)
  await settle(group)
  expect((await get(ben, group, sent)).text).toBe('after')
})

test('every mailbox learns who is a member of a restored group', async () => {
  const { group, ben, cleo, dora, before } = await restoredWorld()
  const chatsOf = async (user: TestUser) => (await copyOf(user)).chats.map(({ id }) => id)
  expect(await chatsOf(cleo), 'whoever left since is in it again').toContain(group.id)
  const since = await ok<Changes>('listChanges', { query: { cursor: before.cursor } }, { as: ben })
  expect(since.chats.map(({ id }) => id)).toEqual([group.id])
  await refused('getChat', 'chat_not_found', { params: { chatId: group.id } }, { as: dora })
  expect((await copyOf(dora)).chats.map(({ id }) => id)).not.toContain(group.id)
})

test('a restored mailbox asks all its groups before it shows them', async () => {
  const { group, users } = await groupOf(2)
  const [ana, ben] = users
  if (!ana || !ben) throw new Error('There are two')
  await send(ana, group, 'before')
  await settle(group)
  await copyOf(ben)
  const rows = await runInDurableObject(stubOf(ben.id), (_, { storage }) => read(storage.sql, ['groups']))
  await send(ana, group, 'since')
  await settle(group)
  await copyOf(ben)
  await runInDurableObject(stubOf(ben.id), (_, { storage }) => {
    overwrite(storage.sql, rows)
    storage.sql.exec(`DELETE FROM meta WHERE key = 'epoch'`)
  })
  await evictDurableObject(stubOf(ben.id))
  const { chats } = await copyOf(ben)
  expect(chats.find(({ id }) => id === group.id)?.lastMessage?.text).toBe('since')
})
