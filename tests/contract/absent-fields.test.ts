import { describe, expect, test } from 'vitest'
import type { Chat } from '../../schemas/chat'
import type { Contact } from '../../schemas/contact'
import type { Message } from '../../schemas/message'
import type { Me } from '../../schemas/user'
import { mintId } from '../../src/core/ids'
import { type Answer, call, ok, type Refusal } from '../support/call'
import { pair, send } from '../support/chat-calls'
import { documentedOperations, type JsonSchema, resolve, schemaErrors } from '../support/check-response'
import { exampleInput } from '../support/example-input'
import { connect } from '../support/socket'
import { codeFor, newPhoneNumber, newUser } from '../support/users'

const withJson = documentedOperations.flatMap((operation) => {
  const schema = operation.requestBody?.content['application/json']?.schema
  return schema ? [{ ...operation, schema: resolve(schema) }] : []
})

const isRequired = ({ required = [] }: JsonSchema, name: string) => required.includes(name)
const fields = withJson.flatMap(({ schema, operationId }) =>
  Object.entries(schema.properties ?? {}).map(([name, field]) => ({ operationId, schema, name, field })),
)

const pointersOf = ({ status, body }: Answer<Refusal>) =>
  status === 400 && body.code === 'invalid_request' ? (body.errors ?? []).map(({ pointer }) => pointer) : []

/** What the schema of an operation says about one field of its body, whatever becomes of the call. */
async function complaints(operationId: string, name: string, value: unknown) {
  const input = exampleInput(operationId)
  // A message needs one of the two.
  const attachmentFileIds = operationId === 'sendMessage' ? [mintId('file', 0)] : undefined
  const body = { ...Object(input.body), ...(attachmentFileIds && { attachmentFileIds }), [name]: value }
  return pointersOf(await call<Refusal>(operationId, { ...input, body }, { as: await newUser() }))
}

describe('null', () => {
  test.each(fields.filter(({ schema, name }) => !isRequired(schema, name)))(
    'is as good as nothing or clears, and the document says so: $operationId $name',
    async ({ operationId, name, field }) => {
      expect(schemaErrors(field, null)).toEqual([])
      expect(await complaints(operationId, name, null)).not.toContain(`/${name}`)
    },
  )

  test.each(
    fields.filter(({ schema, name, field }) => isRequired(schema, name) && schemaErrors(field, null).length > 0),
  )('is nothing where something is required: $operationId $name', async ({ operationId, name }) => {
    expect(await complaints(operationId, name, null)).toContain(`/${name}`)
  })

  test.each(fields)('is never all that a field can be: $operationId $name', ({ field }) => {
    expect(field.type).not.toBe('null')
  })
})

describe('an empty text', () => {
  const clearing: [operationId: string, name: string][] = [
    ...['username', 'firstName', 'lastName', 'about', 'avatarFileId'].map((name): [string, string] => [
      'updateMe',
      name,
    ]),
    ['saveContact', 'name'],
    ['editMessage', 'text'],
    ['sendMessage', 'text'],
    ['reportUser', 'comment'],
  ]

  test.each(clearing)('is valid where null is, in the document as well: %s %s', async (operationId, name) => {
    const { field } = fields.find((one) => one.operationId === operationId && one.name === name) ?? {}
    expect(field && schemaErrors(field, '')).toEqual([])
    if (operationId === 'editMessage') return
    expect(await complaints(operationId, name, '')).not.toContain(`/${name}`)
  })

  test('clears a profile as null does', async () => {
    const user = await newUser()
    const texts = { username: `u${crypto.randomUUID().slice(0, 8)}`, firstName: 'Ana', lastName: 'Silva', about: 'Hi' }
    for (const nothing of ['', null]) {
      await ok<Me>('updateMe', { body: texts }, { as: user })
      const body = Object.fromEntries(Object.keys(texts).map((name) => [name, nothing]))
      const cleared = await ok<Me>('updateMe', { body: { ...body, avatarFileId: nothing } }, { as: user })
      expect(cleared).toMatchObject({ username: null, firstName: null, lastName: null, about: null, avatarUrl: null })
    }
  })

  test('clears the name of a contact as null does', async () => {
    const [user, friend] = [await newUser(), await newUser()]
    const save = (name: string | null | undefined) =>
      ok<Contact>('saveContact', { params: { userId: friend.id }, body: { name } }, { as: user })
    for (const nothing of ['', null]) {
      expect((await save('Ben')).name).toBe('Ben')
      expect((await save(undefined)).name).toBe('Ben')
      expect((await save(nothing)).name).toBeNull()
    }
  })
})

test('settings that are null stay, but for the one that null clears', async () => {
  const [ana, ben] = await pair()
  await send(ana, ben, 'hello')
  const params = { chatId: ben.id }
  const until = '2099-01-01T00:00:00.000Z'
  await ok<Chat>('updateChat', { params, body: { pinned: true, archived: true, mutedUntil: until } }, { as: ana })
  const body = { pinned: null, archived: null, markedUnread: null, accepted: null }
  const kept = await ok<Chat>('updateChat', { params, body }, { as: ana })
  expect(kept).toMatchObject({ pinned: true, archived: true, markedUnread: false, mutedUntil: until })
  expect((await ok<Chat>('updateChat', { params, body: { mutedUntil: null } }, { as: ana })).mutedUntil).toBeNull()
})

test('a client that sends null for all that it leaves out can sign in', async () => {
  const phoneNumber = newPhoneNumber()
  const nothing = {
    region: null,
    channel: null,
    purpose: null,
    locale: null,
    clientRequestId: null,
    turnstileToken: null,
  }
  const opened = await ok<{ verificationId: string; channel: string }>('sendOtp', { body: { phoneNumber, ...nothing } })
  expect(opened.channel).toBe('sms')
  const body = { verificationId: opened.verificationId, code: codeFor(phoneNumber) }
  await ok('verifyOtp', { body: { ...body, deviceName: null, platform: null, previousRefreshToken: null } })
})

test('a message with nulls is the same message as one without, over HTTP and the WebSocket', async () => {
  const [ana, ben] = await pair()
  await send(ana, ben, 'hello')
  const clientMessageId = crypto.randomUUID()
  const plain = { clientMessageId, text: 'same' }
  const first = await ok<Message>('sendMessage', { params: { chatId: ben.id }, body: plain }, { as: ana })
  const nulls = { ...plain, attachmentFileIds: null, replyToId: null }
  const again = await call<Message>('sendMessage', { params: { chatId: ben.id }, body: nulls }, { as: ana })
  expect({ status: again.status, id: again.body.id }).toEqual({ status: 200, id: first.id })
  const socket = await connect(ana)
  socket.send({ type: 'sendMessage', id: '7', chatId: ben.id, ...nulls })
  expect(await socket.next('ack')).toMatchObject({ id: '7', message: { id: first.id } })
})
