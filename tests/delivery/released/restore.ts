import { applyD1Migrations, evictDurableObject, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { Changes } from '../../../schemas/changes'
import type { Message } from '../../../schemas/message'
import { mediaFactsOf } from '../../../src/core/file-metadata'
import { stubOf } from '../../support/delivery-faults'
import devices from './devices.json'

/**
 * What an earlier release left in storage: four mailboxes, D1 and the files as the code of commit af3ca12 wrote them,
 * and what the devices held. A test of that commit made all of it through the API. It lost calls between mailboxes,
 * to D1 and to R2, and read the rows while work was pending. `search` holds no text, so its rows are what that
 * commit's own functions make of the messages.
 */
const dumps = import.meta.glob(['./*.sql'], { query: '?raw', import: 'default', eager: true })

type Name = keyof typeof devices.users

export const { users } = devices
export const names: readonly Name[] = ['ana', 'ben', 'cleo', 'dora']

/** A dump has one statement on each line. */
const statementsOf = (name: string) => (dumps[`./${name}.sql`] ?? '').split('\n').filter((line) => line !== '')

/** Sessions expire: they are restored as though they had just been used. */
const ageMs = Date.now() - devices.takenAt

const laterMs = 3_600_000

/** Puts the rows into a mailbox that has never been used, with its alarm set. It wakes as it would after a deployment. */
async function restoreMailbox(name: Name) {
  const stub = stubOf(users[name].id)
  await runInDurableObject(stub, async (_, { storage }) => {
    for (const statement of statementsOf(name)) storage.sql.exec(statement)
    for (const column of ['created_at', 'last_used_at', 'shown_used_at'])
      storage.sql.exec(`UPDATE sessions SET ${column} = ${column} + ?`, ageMs)
    await storage.setAlarm(Date.now() + laterMs)
  })
  await evictDurableObject(stub)
}

/** Puts D1 back to what the release left, and applies the migrations that it did not know. */
async function restoreD1() {
  const { results } = await env.DB.prepare(
    `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '_cf_%'`,
  ).all<{ name: string }>()
  const drops = results.map(({ name }) => `DROP TABLE ${name}`)
  await env.DB.batch([...drops, ...statementsOf('d1')].map((statement) => env.DB.prepare(statement)))
  await applyD1Migrations(env.DB, env.D1_MIGRATIONS)
}

/** Restores everything that the release left. No mailbox is awake afterward. */
export async function restore() {
  await restoreD1()
  for (const { id, contentType, name, text } of devices.files)
    await env.FILES.put(id, text, { httpMetadata: { contentType }, customMetadata: { name } })
  for (const name of names) await restoreMailbox(name)
}

const younger = (timestamp: string) => new Date(Date.parse(timestamp) + ageMs).toISOString()

const withNothingMore = (userId: string, message: Message): Message => ({
  ...message,
  reactions: message.reactions.map((reaction) => ({
    ...reaction,
    count: reaction.userIds.length,
    own: reaction.userIds.includes(userId),
  })),
  metadata: null,
  mentions: [],
  event: null,
  pinnedAt: null,
  attachments: message.attachments.map((attachment) => ({ ...mediaFactsOf({}), ...attachment })),
})

const withNewProfile = <U extends { avatarUrl: string | null }>(user: U) => ({
  ...user,
  metadata: null,
  avatarFileId: user.avatarUrl && (new URL(user.avatarUrl).pathname.split('/').at(-1) ?? ''),
})

/**
 * The page with what messages, chats and profiles have gained since: for their owners, nothing has changed. The users of
 * contacts and blocks are told again.
 */
const withNewFields = (userId: string, { messages, chats, contacts, blocks, me, ...page }: Changes): Changes => ({
  ...page,
  left: [],
  complete: true,
  messages: messages.map((message) => withNothingMore(userId, message)),
  contacts: contacts.map(({ userId, contact }) => ({ userId, contact: contact && { ...contact, user: null } })),
  blocks: blocks.map(({ userId, block }) => ({ userId, block: block && { ...block, user: null } })),
  chats: chats.map(({ lastMessage, peer, ...chat }) => ({
    ...chat,
    peer: peer && withNewProfile(peer),
    lastMessage: lastMessage && withNothingMore(userId, lastMessage),
    request: false,
    group: null,
    version: null,
    mentionCount: 0,
    notifyMentions: false,
  })),
  me: me && {
    ...withNewProfile(me),
    presenceAudience: 'everyone',
    readMarkAudience: 'everyone',
    messageAudience: 'everyone',
    groupAddsAudience: 'everyone',
  },
})

/** The pages that a user's device had read. */
export const heldPages = (name: Name): Changes[] =>
  Changes.array()
    .parse((users[name].held as Changes[]).map((page) => withNewFields(users[name].id, page)))
    .map((page) => ({
      ...page,
      sessions: page.sessions.map(({ sessionId, session }) => ({
        sessionId,
        session: session && {
          ...session,
          createdAt: younger(session.createdAt),
          lastUsedAt: younger(session.lastUsedAt),
        },
      })),
    }))
