import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import type { Chat } from '../../schemas/chat'
import type { GroupChanges } from '../../schemas/group-changes'
import type { GroupInviteShown, JoinedGroup } from '../../schemas/group-invite'
import type { Message } from '../../schemas/message'
import { ok } from './call'
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
