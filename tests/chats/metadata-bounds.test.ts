import { exports } from 'cloudflare:workers'
import { describe, expect, test } from 'vitest'
import type { Message } from '../../schemas/message'
import { limits } from '../../src/core/limits'
import { ok, type Refusal, refused, requestOf, send as sendRequest } from '../support/call'
import { list, pair } from '../support/chat-calls'
import type { TestUser } from '../support/users'

const params = ({ id: chatId }: TestUser) => ({ chatId })

const nested = (levels: number) => `${'{"a":'.repeat(levels - 1)}{}${'}'.repeat(levels - 1)}`
const inLists = (levels: number) => `{"a":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}`
const ofBytes = (bytes: number) => JSON.stringify({ a: `é${'x'.repeat(bytes - '{"a":""}'.length - 2)}` })

/** A note whose metadata is this text. */
const requestOfText = (user: TestUser, metadata: string) =>
  requestOf(
    'sendMessage',
    {
      params: params(user),
      raw: `{"clientMessageId":"${crypto.randomUUID()}","text":"a note","metadata":${metadata}}`,
      headers: { 'Content-Type': 'application/json' },
    },
    { as: user },
  )

const sendText = (user: TestUser, metadata: string) => sendRequest<Message & Refusal>(requestOfText(user, metadata))

describe('metadata is refused, and nothing is stored,', () => {
  test.each([
    ['an array', '[]', '/metadata'],
    ['a text', '"{}"', '/metadata'],
    ['an empty text', '""', '/metadata'],
    ['a number', '1', '/metadata'],
    ['a truth value', 'true', '/metadata'],
    ['more bytes than fit', ofBytes(limits.metadataBytesMax + 1), '/metadata'],
    ['far more bytes than fit', JSON.stringify({ a: Array(50_000).fill(1) }), '/metadata'],
    ['objects nested too deep', nested(limits.metadataLevelsMax + 1), `/metadata${'/a'.repeat(16)}`],
    ['lists nested too deep', inLists(limits.metadataLevelsMax + 1), `/metadata/a${'/0'.repeat(15)}`],
    ['a lone surrogate', String.raw`{"a":[1,{"b":"x\ud800"}]}`, '/metadata/a/1/b'],
    ['U+0000', String.raw`{"a":"\u0000"}`, '/metadata/a'],
    ['a name with a lone surrogate', String.raw`{"a":{"\udc00":1}}`, '/metadata/a'],
    ['a name that sets a prototype', '{"a":{"__proto__":{"b":1}}}', '/metadata/a/__proto__'],
    ['a number without bounds', '{"a":1e400}', '/metadata/a'],
    ['an integer that a double cannot hold', '{"a":9007199254740993}', '/metadata/a'],
    ['an integer as great, with a sign', '{"a":-9007199254740992}', '/metadata/a'],
  ])('if it is or has %s', async (_, metadata, pointer) => {
    const [ana] = await pair()
    const { status, body } = await sendText(ana, metadata)
    expect({ status, code: body.code }).toEqual({ status: 400, code: 'invalid_request' })
    expect(body.errors?.map((error) => error.pointer)).toEqual([pointer])
    await refused('listMessages', 'chat_not_found', { params: params(ana) }, { as: ana })
  })

  test('if it has lists nested so deep that recursion would fail', async () => {
    const [ana] = await pair()
    const answer = await exports.default.fetch(requestOfText(ana, inLists(100_000)))
    const body = await answer.json<Refusal>()
    expect(body.errors?.map((error) => error.pointer)).toEqual([`/metadata/a${'/0'.repeat(15)}`])
  })
})

describe('metadata comes back as it was sent', () => {
  test.each([
    ['of as many bytes as fit', ofBytes(limits.metadataBytesMax)],
    ['of as many levels as fit', nested(limits.metadataLevelsMax)],
    ['of lists of as many levels', inLists(limits.metadataLevelsMax)],
    ['with all kinds of values', '{"a":null,"b":[true,false,"",[],{}],"c":-1.5e-7,"d":9007199254740991,"e":0.1}'],
    ['with names that mean something elsewhere', '{"":1,"constructor":{"prototype":2},"toJSON":3,"$ref":"x","a/b~":4}'],
    ['with what no text may have alone', '{"a":" ","b":"\\u202e","c":"\\u200b","d":"\\ufeff\\u0001"}'],
    ['with any script', '{"имя":"👨‍👩‍👧","名":"𒀀"}'],
    ['with names that look like numbers', '{"10":1,"9":2,"x":3}'],
  ])('%s', async (_, metadata) => {
    const [ana] = await pair()
    const { status, body } = await sendText(ana, metadata)
    expect(status).toBe(201)
    expect(body.metadata).toEqual(JSON.parse(metadata))
    expect((await list(ana, ana)).items[0]?.metadata).toEqual(JSON.parse(metadata))
  })

  test('but for the order of names, a repeated name, and the sign of zero', async () => {
    const [ana] = await pair()
    const { body } = await sendText(ana, '{"b":1,"a":-0,"b":2}')
    expect(JSON.stringify(body.metadata)).toBe('{"a":0,"b":2}')
  })
})

test('the bounds hold for an edit as well', async () => {
  const [ana] = await pair()
  const body = { clientMessageId: 'once', text: 'a note' }
  const { id } = await ok<Message>('sendMessage', { params: params(ana), body }, { as: ana })
  const request = requestOf(
    'editMessage',
    { params: { ...params(ana), messageId: id }, body: { metadata: JSON.parse(ofBytes(limits.metadataBytesMax + 1)) } },
    { as: ana },
  )
  const answer = await sendRequest<Refusal>(request)
  expect(answer).toMatchObject({ status: 400, body: { errors: [{ pointer: '/metadata', code: 'too_big' }] } })
})
