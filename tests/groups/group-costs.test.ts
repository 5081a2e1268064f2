import { env } from 'cloudflare:workers'
import { describe, expect, test } from 'vitest'
import type { Chats } from '../../schemas/chat'
import { ok } from '../support/call'
import { send } from '../support/chat-calls'
import { addMembers, changesOf, groupOf, settle, type TestGroup } from '../support/group-calls'
import { sized } from '../support/run-size'
import { countRows } from '../support/storage-costs'
import { newUser, type TestUser } from '../support/users'

const stubOf = ({ id }: TestGroup) => env.GROUP.get(env.GROUP.idFromName(id))

/** A group with so many members, none of whom is looking, and that all know to have changed. */
async function sleepingGroup(members: number) {
  const { group, users } = await groupOf(3)
  const [owner] = users
  if (!owner) throw new Error('A group has an owner')
  for (let left = members - 3; left > 0; left -= 30) {
    const more = await Promise.all(Array.from({ length: Math.min(left, 30) }, () => newUser()))
    await addMembers(owner, group, more)
    users.push(...more)
  }
  await send(owner, group, 'first')
  await settle(group)
  return { group, users, owner }
}

const messages = 20

describe('a plain text in a group', () => {
  const sizes = [3, sized(40, 300)]

  test.each(sizes)(
    'writes at most 6 rows in a group of %d members, and none in sleeping mailboxes',
    async (members) => {
      const { group, users, owner } = await sleepingGroup(members)
      const [, ben] = users as [TestUser, TestUser]
      const texts = async () => {
        for (let n = 0; n < messages; n++) await send(owner, group, `text ${n}`)
        await settle(group)
      }
      let inBen = 0
      const inGroup = await countRows(
        stubOf(group),
        async () => {
          inBen = (await countRows(ben.id, texts, { isAlone: true })).written
        },
        { isAlone: true },
      )
      expect(inGroup.written / messages).toBeLessThanOrEqual(6)
      expect(inBen).toBe(0)
    },
  )

  test('costs a member who was away for long two rows here and two in the group', async () => {
    const { group, users, owner } = await sleepingGroup(3)
    const [, ben] = users as [TestUser, TestUser]
    const look = () => ok<Chats>('listChats', {}, { as: ben })
    await look()
    const away = async () => {
      for (let n = 0; n < messages; n++) await send(owner, group, `text ${n}`)
      await settle(group)
    }
    const told = await countRows(ben.id, away, { isAlone: true })
    const back = await countRows(ben.id, look, { isAlone: true })
    expect({ told: told.written, back: back.written }).toEqual({ told: 1, back: 1 })
    const asked = await countRows(
      stubOf(group),
      async () => {
        await send(owner, group, 'again')
        await scheduler.wait(50)
      },
      { isAlone: true },
    )
    expect(asked.written).toBeLessThanOrEqual(6 + 2)
  })
})

describe('the rows that a group reads', () => {
  const reads: Record<string, (group: TestGroup, as: TestUser, cursor: string) => Promise<unknown>> = {
    getGroup: ({ id: groupId }, as) => ok('getGroup', { params: { groupId } }, { as }),
    'listGroupChanges after a cursor': (group, as, cursor) => changesOf(as, group, cursor),
    'listGroupChanges from the start': (group, as) => changesOf(as, group),
    listGroupMembers: ({ id: groupId }, as) =>
      ok('listGroupMembers', { params: { groupId }, query: { limit: 2 } }, { as }),
    listPins: ({ id: groupId }, as) => ok('listPins', { params: { groupId }, query: { limit: 2 } }, { as }),
    sendMessage: (group, as) => send(as, group, 'counted'),
    updateGroup: ({ id: groupId }, as) =>
      ok('updateGroup', { params: { groupId }, body: { about: `${Math.random()}` } }, { as }),
  }

  async function readsOf(members: number, count: number) {
    const { group, owner } = await sleepingGroup(members)
    for (let n = 0; n < count; n++) await send(owner, group, `text ${n}`)
    await settle(group)
    const { cursor } = await changesOf(owner, group)
    await send(owner, group, 'one more')
    await settle(group)
    const rows: Record<string, number> = {}
    for (const [name, read] of Object.entries(reads)) {
      await ok('getGroup', { params: { groupId: group.id } }, { as: owner })
      rows[name] = (await countRows(stubOf(group), () => read(group, owner, cursor), { isAlone: true })).read
    }
    return rows
  }

  test('do not grow with its messages, or with its members', async () => {
    const small = await readsOf(3, 60)
    const many = await readsOf(3, sized(200, 2_000))
    const large = await readsOf(sized(40, 300), 60)
    for (const [name, rows] of Object.entries(small)) {
      expect(Math.abs((many[name] ?? 0) - rows), `${name}, by messages`).toBeLessThanOrEqual(10)
      expect(Math.abs((large[name] ?? 0) - rows), `${name}, by members`).toBeLessThanOrEqual(10)
    }
  })
})
