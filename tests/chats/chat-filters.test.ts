import { describe, expect, test } from 'vitest'
import type { ChatSettings, Chats, UnreadCount } from '../../schemas/chat'
import { ok, refused } from '../support/call'
import { befriend, delivered, markRead, send } from '../support/chat-calls'
import { later } from '../support/clock'
import { newUser, type TestUser } from '../support/users'

const update = (user: TestUser, chatId: string, body: ChatSettings) =>
  ok('updateChat', { params: { chatId }, body }, { as: user })

const listed = async (user: TestUser, query: Record<string, string | number>) => {
  const ids: string[] = []
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page: Chats = await ok('listChats', { query: { ...query, ...(cursor && { cursor }) } }, { as: user })
    ids.push(...page.items.map(({ id }) => id))
    cursor = page.nextCursor
  }
  return ids
}

/** Somebody who has a chat of each kind, and one that is nothing special. */
async function withChats() {
  const user = await newUser()
  const [plain, archived, unread, marked, muted, stranger] = await Promise.all(
    Array.from({ length: 6 }, () => newUser()),
  )
  if (!plain || !archived || !unread || !marked || !muted || !stranger) throw new Error('Expected six users')
  for (const peer of [plain, archived, unread, marked, muted]) {
    await befriend(user, peer)
    const message = await send(peer, user, 'hello')
    await delivered(user, peer)
    if (peer !== unread && peer !== muted) await markRead(user, peer, message)
  }
  await send(stranger, user, 'hello from a stranger')
  await delivered(stranger)
  await update(user, archived.id, { archived: true })
  await update(user, marked.id, { markedUnread: true })
  await update(user, muted.id, { mutedUntil: new Date(Date.now() + 300_000).toISOString() })
  return { user, plain, archived, unread, marked, muted, stranger }
}

describe('the chat list', () => {
  test('filters by archived, unread and request, alone and together, across pages', async () => {
    const { user, plain, archived, unread, marked, muted, stranger } = await withChats()
    const kinds = [stranger, muted, marked, unread, archived, plain]
    const expectListed = async (query: Record<string, string>, users: TestUser[]) => {
      const ids = kinds.filter((one) => users.includes(one)).map(({ id }) => id)
      for (const limit of [1, 2, 50]) expect(await listed(user, { ...query, limit })).toEqual(ids)
    }
    await expectListed({}, kinds)
    await expectListed({ archived: 'true' }, [archived])
    await expectListed({ archived: 'false' }, [plain, unread, marked, muted, stranger])
    await expectListed({ unread: 'true' }, [unread, marked, muted, stranger])
    await expectListed({ unread: 'false' }, [plain, archived])
    await expectListed({ request: 'true' }, [stranger])
    await expectListed({ request: 'false' }, [plain, archived, unread, marked, muted])
    await expectListed({ request: 'false', unread: 'true', archived: 'false' }, [unread, marked, muted])
    await expectListed({ request: 'true', archived: 'true' }, [])
  })

  test.each(['archived=yes', 'unread=', 'request=1', 'muted=true'])('refuses ?%s', async (query) => {
    const [name = '', value = ''] = query.split('=')
    await refused('listChats', 'invalid_request', { query: { [name]: value } }, { as: await newUser() })
  })
})

test('the unread count has both figures, with and without muted and archived chats', async () => {
  const { user, archived, muted } = await withChats()
  const count = () => ok<UnreadCount>('getUnreadCount', {}, { as: user })
  expect(await count()).toEqual({ messages: 3, chats: 3, complete: true, withoutMuted: { messages: 2, chats: 2 } })
  await update(user, archived.id, { mutedUntil: '2999-01-01T00:00:00Z' })
  await send(archived, user, 'stays archived')
  await send(muted, user, 'quietly')
  await delivered(archived, muted)
  expect(await count()).toEqual({ messages: 5, chats: 4, complete: true, withoutMuted: { messages: 2, chats: 2 } })
  expect(await later(301, count)).toEqual({
    messages: 5,
    chats: 4,
    complete: true,
    withoutMuted: { messages: 4, chats: 3 },
  })
})
