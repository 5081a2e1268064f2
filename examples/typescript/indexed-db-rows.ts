// The tables of `IndexedDbStore`: what they hold, and how a copy is read from them and written to them.
import type { GroupMember, Message } from './schema.js'
import { empty, type State } from './state.js'
import type { Pending } from './store.js'

/** Of the state, what has an object store to itself, with the keys of its map. */
const tables = ['chats', 'groups', 'contacts', 'blocks', 'sessions'] as const
const messagesTable = 'messages'
/** By the IDs of the group and the user, with a slash between them. */
const membersTable = 'members'
const removedTable = 'removed'
/** Single values by their names: `cursor`, `me`, and `outbox`, which is an array. */
const factsTable = 'facts'
const allTables = [...tables, messagesTable, membersTable, removedTable, factsTable]
/** Version 2 has groups. What an earlier one holds stays. */
const databaseVersion = 2

/** What a database holds. */
export interface Copy {
  state: State
  /** By `clientMessageId`, oldest first. */
  outbox: Map<string, Pending>
  cursor: string | undefined
}

/** Resolves to the result of a request. */
export const result = <T>(request: IDBRequest<T>) =>
  new Promise<T>((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })

const committed = (transaction: IDBTransaction) =>
  new Promise<void>((resolve, reject) => {
    transaction.oncomplete = () => resolve()
    transaction.onabort = () => reject(transaction.error)
  })

/** Opens a database, or creates it. */
export async function openDatabase(name: string): Promise<IDBDatabase> {
  const request = indexedDB.open(name, databaseVersion)
  request.onupgradeneeded = () => {
    const { objectStoreNames } = request.result
    for (const table of allTables) if (!objectStoreNames.contains(table)) request.result.createObjectStore(table)
  }
  const database = await result(request)
  // Whoever deletes it, or brings it to a later version, does not wait for this window.
  database.onversionchange = () => database.close()
  return database
}

/** A copy to change. Of messages and members, it shares those of chats that are not named. */
export function draftOf({ state, outbox, cursor }: Copy, chatIds: Iterable<string>): Copy {
  const [messages, members] = [new Map(state.messages), new Map(state.members)]
  for (const chatId of chatIds) {
    messages.set(chatId, new Map(messages.get(chatId)))
    const known = members.get(chatId)
    if (known) members.set(chatId, new Map(known))
  }
  const copies = {
    chats: new Map(state.chats),
    groups: new Map(state.groups),
    contacts: new Map(state.contacts),
    blocks: new Map(state.blocks),
    sessions: new Map(state.sessions),
    removed: new Set(state.removed),
  }
  return { state: { ...state, ...copies, messages, members }, outbox: new Map(outbox), cursor }
}

/** Brings an object store from one map to another. */
function writeDifference(table: IDBObjectStore, from: ReadonlyMap<string, unknown>, to: ReadonlyMap<string, unknown>) {
  for (const key of from.keys()) if (!to.has(key)) table.delete(key)
  for (const [key, value] of to) if (from.get(key) !== value) table.put(value, key)
}

const factsOf = ({ state: { me }, cursor, outbox }: Copy) =>
  new Map<string, unknown>([
    ['me', me],
    ['cursor', cursor],
    ['outbox', [...outbox.values()]],
  ])

const none: ReadonlyMap<string, unknown> = new Map()
const keyed = (ids: Iterable<string>) => new Map([...ids].map((id) => [id, true]))

/** What belongs to a chat, before and after, where it is not the same. */
function* changedIn<T>(from: ReadonlyMap<string, ReadonlyMap<string, T>>, to: typeof from) {
  for (const chatId of new Set([...from.keys(), ...to.keys()])) {
    const [before, after] = [from.get(chatId), to.get(chatId)]
    if (before !== after) yield [chatId, before ?? none, after ?? none] as const
  }
}

const withPrefix = (chatId: string, members: ReadonlyMap<string, unknown>) =>
  new Map([...members].map(([userId, member]) => [`${chatId}/${userId}`, member]))

function write(transaction: IDBTransaction, from: Copy, to: Copy) {
  for (const name of tables) writeDifference(transaction.objectStore(name), from.state[name], to.state[name])
  const messages = transaction.objectStore(messagesTable)
  for (const [, before, after] of changedIn(from.state.messages, to.state.messages))
    writeDifference(messages, before, after)
  const members = transaction.objectStore(membersTable)
  for (const [chatId, before, after] of changedIn(from.state.members, to.state.members))
    writeDifference(members, withPrefix(chatId, before), withPrefix(chatId, after))
  writeDifference(transaction.objectStore(removedTable), keyed(from.state.removed), keyed(to.state.removed))
  writeDifference(transaction.objectStore(factsTable), factsOf(from), factsOf(to))
}

/** Brings a database from one copy to another, in one transaction. */
export async function writeCopy(database: IDBDatabase, from: Copy, to: Copy) {
  const transaction = database.transaction(allTables, 'readwrite')
  const done = committed(transaction)
  try {
    write(transaction, from, to)
  } catch (error) {
    done.catch(() => {})
    transaction.abort()
    throw error
  }
  await done
}

type Value<Held> = Held extends Map<string, infer T> ? T : never

async function readMap<T>(transaction: IDBTransaction, table: string): Promise<Map<string, T>> {
  const store = transaction.objectStore(table)
  const [keys, values] = await Promise.all([result(store.getAllKeys()), result<T[]>(store.getAll())])
  return new Map(values.map((value, index) => [String(keys[index]), value]))
}

/** Reads all of a database. */
export async function readCopy(database: IDBDatabase): Promise<Copy> {
  const transaction = database.transaction(allTables)
  const [chats, groups, contacts, blocks, sessions, messages, members, removed, facts] = await Promise.all([
    readMap<Value<State['chats']>>(transaction, 'chats'),
    readMap<Value<State['groups']>>(transaction, 'groups'),
    readMap<Value<State['contacts']>>(transaction, 'contacts'),
    readMap<Value<State['blocks']>>(transaction, 'blocks'),
    readMap<Value<State['sessions']>>(transaction, 'sessions'),
    readMap<Message>(transaction, messagesTable),
    readMap<GroupMember>(transaction, membersTable),
    readMap<true>(transaction, removedTable),
    readMap<never>(transaction, factsTable),
  ])
  const state = { ...empty(), chats, groups, contacts, blocks, sessions, removed: new Set(removed.keys()) }
  state.me = facts.get('me') ?? null
  for (const message of messages.values()) {
    const held = state.messages.get(message.chatId) ?? new Map<string, Message>()
    state.messages.set(message.chatId, held.set(message.id, message))
  }
  for (const [key, member] of members) {
    const [chatId = '', userId = ''] = key.split('/')
    const known = state.members.get(chatId) ?? new Map<string, GroupMember>()
    state.members.set(chatId, known.set(userId, member))
  }
  const pending: Pending[] = facts.get('outbox') ?? []
  return {
    state,
    cursor: facts.get('cursor'),
    outbox: new Map(pending.map((one) => [one.message.clientMessageId, one])),
  }
}
