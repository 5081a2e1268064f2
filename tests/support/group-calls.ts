import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import type { Chat } from '../../schemas/chat'
import type { GroupChanges } from '../../schemas/group-changes'
import type { GroupInviteShown, JoinedGroup } from '../../schemas/group-invite'
import type { Message } from '../../schemas/message'
import { ok } from './call'
import { inMailbox, stubOf } from './delivery-faults'
import { newUser, type TestUser } from './users'

/** The steps of a group's life, for tests that are about something else. */

/** A group as test helpers for chats take one: by the id of its chat. */
export interface TestGroup {
  id: string
}

interface Created {
  chat: Chat
  added: string[]
  toInvite: string[]
  unreachable: string[]
  banned: string[]
}

export const createGroup = (owner: TestUser, members: TestUser[] = [], more: object = {}) =>
  ok<Created>(
    'createGroup',
    {
      body: {
        clientGroupId: crypto.randomUUID(),
        title: 'Lighthouse keepers',
        memberIds: members.map(({ id }) => id),
        ...more,
      },
    },
    { as: owner },
  )

/** A new group of new users, the first of whom is its owner. */
export async function groupOf(count: number, more: object = {}): Promise<{ group: TestGroup; users: TestUser[] }> {
  const users = await Promise.all(Array.from({ length: count }, () => newUser()))
  const [owner, ...others] = users
  if (!owner) throw new Error('A group has an owner')
  const { chat } = await createGroup(owner, others, more)
  return { group: { id: chat.id }, users }
}

export const addMembers = (by: TestUser, { id: groupId }: TestGroup, users: TestUser[]) =>
  ok<Omit<Created, 'chat'>>(
    'addGroupMembers',
    { params: { groupId }, body: { userIds: users.map(({ id }) => id) } },
    { as: by },
  )

export const createInvite = (by: TestUser, { id: groupId }: TestGroup, body: object = {}) =>
  ok<GroupInviteShown>('createGroupInvite', { params: { groupId }, body }, { as: by })

export const join = (user: TestUser, { code }: Pick<GroupInviteShown, 'code'>) =>
  ok<JoinedGroup>('joinGroup', { params: { code } }, { as: user })

export const changesOf = (user: TestUser, { id: groupId }: TestGroup, cursor?: string, limit?: number) =>
  ok<GroupChanges>('listGroupChanges', { params: { groupId }, query: { cursor, limit } }, { as: user })

/** All changes after a cursor, page by page, the last of them with the cursor to go on from. */
export async function allChanges(user: TestUser, group: TestGroup, cursor?: string): Promise<GroupChanges[]> {
  const pages = [await changesOf(user, group, cursor)]
  for (let last = pages[0]; last?.hasMore; last = pages.at(-1)) pages.push(await changesOf(user, group, last.cursor))
  return pages
}

export const textsOf = (messages: Message[]) => messages.filter(({ event }) => event === null).map(({ text }) => text)

const stubOfGroup = ({ id }: TestGroup) => env.GROUP.get(env.GROUP.idFromName(id))

/** Runs a query in a group. */
export const inGroup = (group: TestGroup, query: string) =>
  runInDurableObject(stubOfGroup(group), (_, { storage }) => storage.sql.exec(query).toArray())

const numbers = (count: number) => `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count})`

/** Copies a row as often as asked; `values` has what differs, as expressions in which `i` is the number of the copy. */
async function copyRows(
  run: (query: string) => Promise<Record<string, SqlStorageValue>[]>,
  from: { table: string; where: string },
  values: Record<string, string>,
  count: number,
) {
  const columns = await run(`SELECT name FROM pragma_table_info('${from.table}')`)
  const names = columns.map(({ name }) => name)
  await run(
    `${numbers(count)} INSERT INTO ${from.table} (${names.join()}) SELECT ${names.map((name) => values[String(name)] ?? name).join()}
     FROM n, (SELECT * FROM ${from.table} WHERE ${from.where} LIMIT 1)`,
  )
}

/** Gives a group members, or former ones, who have no mailboxes, and are not told of anything. */
export async function fillGroup(group: TestGroup, count: number, who: 'present' | 'former' = 'present') {
  const values = {
    user_id: `printf('usr_00%024d', i)`,
    role: `'member'`,
    present: who === 'present' ? '1' : '0',
    hushed_at: `${Date.now()}`,
  }
  await copyRows((query) => inGroup(group, query), { table: 'members', where: `role = 'owner'` }, values, count)
  await evictDurableObject(stubOfGroup(group))
}

/** Has a user's mailbox believe that they are in as many groups more as asked. They are in one at least. */
export async function fillWithGroups(user: TestUser, count: number) {
  const values = {
    group_id: `printf('grp_00%024d', i)`,
    checked_at: `${Date.now()}`,
    dirty: '0',
    client_group_id: 'NULL',
  }
  await copyRows((query) => inMailbox(user.id, query), { table: 'groups', where: `state = 'in'` }, values, count)
  await evictDurableObject(stubOf(user.id))
}

/** Waits until a group that has ended has told all mailboxes, and is erased but for a tombstone. */
export async function untilErased(group: TestGroup) {
  for (let rounds = 0; rounds < 400; rounds++) {
    await settle(group)
    const tables = await inGroup(group, `SELECT name FROM sqlite_master WHERE type = 'table' AND name = 'tombstone'`)
    if (tables.length > 0) return
    await scheduler.wait(50)
  }
  throw new Error('The group was not erased')
}

/** Lets everything that the group owes its members arrive. */
export async function settle(group: TestGroup) {
  for (let rounds = 0; rounds < 20; rounds++) {
    await scheduler.wait(10)
    if (!(await runDurableObjectAlarm(stubOfGroup(group)))) return
  }
}
