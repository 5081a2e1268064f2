import { beforeAll, describe, expect, test } from 'vitest'
import type { GroupInviteShown } from '../../schemas/group-invite'
import { mintId } from '../../src/core/ids'
import { call, type Input, ok, refused } from '../support/call'
import { send } from '../support/chat-calls'
import { type DocumentedOperationAt, documentedOperations } from '../support/check-response'
import { exampleInput } from '../support/example-input'
import { addMembers, createInvite, groupOf, type TestGroup } from '../support/group-calls'
import { connectLive } from '../support/socket'
import { newUser, type TestUser } from '../support/users'

/** For whoever is not in a group, it is as if it did not exist, whatever they try. */

const named = (operation: DocumentedOperationAt, ...names: string[]) =>
  (operation.parameters ?? []).filter(({ name }) => names.includes(name))

/** Every operation of the document that can be given the id of a group. */
const operations = documentedOperations.filter((one) => named(one, 'groupId', 'chatId').length > 0)

/** What is refused before the group is asked is replaced by what is not. */
const bodies: Record<string, object> = { sendMessage: { clientMessageId: 'outside', text: 'Let me in' } }

interface World {
  group: TestGroup
  ana: TestUser
  invite: GroupInviteShown
  messageId: string
  outsiders: Record<string, TestUser>
}

let world: World

beforeAll(async () => {
  const { group, users } = await groupOf(4)
  const [ana, removed, left, banned] = users as [TestUser, TestUser, TestUser, TestUser]
  const [stranger, neverIn] = [await newUser(), await newUser()]
  const message = await send(ana, group, 'among us')
  const of = ({ id: userId }: TestUser) => ({ params: { groupId: group.id, userId } })
  await ok('removeGroupMember', of(removed), { as: ana })
  await ok('leaveGroup', of(left), { as: left })
  for (const user of [banned, neverIn]) await ok('banGroupMember', of(user), { as: ana })
  world = {
    ...{ group, ana, invite: await createInvite(ana, group), messageId: message.id },
    outsiders: { stranger, removed, left, banned, neverIn },
  }
})

/** A call that would be right for a member, of a group with this id. */
function inputFor(operation: DocumentedOperationAt, groupId: string): Input {
  const { ana, invite, messageId } = world
  const example = exampleInput(operation.operationId)
  const ids = { groupId, chatId: groupId, userId: ana.id, messageId, inviteId: invite.id }
  const given = Object.fromEntries(Object.entries(ids).filter(([name]) => name in (example.params ?? {})))
  const inQuery = named(operation, 'chatId').some((one) => one.in === 'query') ? { chatId: groupId } : {}
  const body = bodies[operation.operationId]
  return {
    ...example,
    params: { ...example.params, ...given },
    query: { ...example.query, ...inQuery },
    ...(body && { body }),
  }
}

async function answerTo(operationId: string, input: Input, as: TestUser) {
  const { status, body } = await call<{ code: string }>(operationId, input, { as })
  return { status, body: { ...body, requestId: '' } }
}

describe('a group does not exist for outsiders:', () => {
  test('there are operations that take one', () => {
    const ids = operations.map(({ operationId }) => operationId)
    expect(ids).toEqual(
      expect.arrayContaining(['getChat', 'getFile', 'endGroup', 'listGroupBans', 'approveJoinRequest']),
    )
    expect(ids.length).toBeGreaterThan(30)
  })

  test.each(operations)('$operationId', async (operation) => {
    const { operationId } = operation
    const code = ['getFile', 'getFileInfo'].includes(operationId) ? 'file_not_found' : 'chat_not_found'
    for (const [who, as] of Object.entries(world.outsiders)) {
      const nowhere = await answerTo(operationId, inputFor(operation, mintId('group', Date.now())), as)
      const answer = await answerTo(operationId, inputFor(operation, world.group.id), as)
      expect(answer, who).toEqual(nowhere)
      expect({ status: answer.status, code: answer.body.code }, who).toEqual({ status: 404, code })
    }
    expect(await ok('getGroup', { params: { groupId: world.group.id } }, { as: world.ana })).toMatchObject({
      group: { memberCount: 1 },
    })
  })

  test('a request to join that nobody made is not withdrawn', async () => {
    for (const as of Object.values(world.outsiders)) {
      const own = (groupId: string) => ({ params: { groupId, userId: as.id } })
      const nowhere = await answerTo('declineJoinRequest', own(mintId('group', Date.now())), as)
      expect(await answerTo('declineJoinRequest', own(world.group.id), as)).toEqual(nowhere)
      expect(nowhere.body.code).toBe('chat_not_found')
    }
  })

  test('an invitation does not exist for those who are banned', async () => {
    const { invite, outsiders } = world
    const nowhere = `${mintId('group', Date.now())}.${invite.code.split('.')[1]}`
    for (const as of [outsiders['banned'], outsiders['neverIn']])
      for (const operationId of ['getGroupInvite', 'joinGroup']) {
        if (!as) throw new Error('Somebody is banned')
        const answer = await answerTo(operationId, { params: { code: invite.code } }, as)
        expect(answer).toEqual(await answerTo(operationId, { params: { code: nowhere } }, as))
        expect(answer).toMatchObject({ status: 404, body: { code: 'invite_not_found' } })
      }
  })

  test('over the socket neither', async () => {
    const { group, outsiders, messageId } = world
    for (const as of Object.values(outsiders)) {
      const socket = await connectLive(as)
      const ask = async (chatId: string) => {
        const answers = [
          await socket.ask({ type: 'sendMessage', chatId, clientMessageId: 'c', text: 'Let me in' }),
          await socket.ask({ type: 'markRead', chatId, upToMessageId: messageId }),
          await socket.ask({ type: 'getGroupChanges', chatId }),
        ]
        return answers.map((answer) => (answer.type === 'error' ? { ...answer.problem, requestId: '' } : answer))
      }
      const answers = await ask(group.id)
      expect(answers).toEqual(await ask(mintId('group', Date.now())))
      for (const answer of answers) expect(answer).toMatchObject({ code: 'chat_not_found' })
      socket.close()
    }
  })
})

test('a member is let in by the same operations', async () => {
  const { ana, group, outsiders } = world
  const { stranger } = outsiders
  if (!stranger) throw new Error('Somebody is a stranger')
  await refused('getGroup', 'chat_not_found', { params: { groupId: group.id } }, { as: stranger })
  await addMembers(ana, group, [stranger])
  for (const operationId of ['getGroup', 'getMessage', 'listMessages', 'listGroupChanges', 'listGroupMembers']) {
    const operation = operations.find((one) => one.operationId === operationId)
    if (!operation) throw new Error(`There is no operation ${operationId}`)
    await ok(operationId, inputFor(operation, group.id), { as: stranger })
  }
})
