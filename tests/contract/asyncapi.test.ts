import { describe, expect, test } from 'vitest'
import { asyncApiText } from '../../openapi/asyncapi'
import { ClientFrame, ServerFrame } from '../../schemas/realtime'
import { document } from '../support/check-response'

interface Ref {
  $ref: string
}

interface Operation {
  action: 'send' | 'receive'
  messages: Ref[]
}

interface FrameMessage {
  name: string
  payload: Ref
  examples?: { payload: unknown }[]
}

interface AsyncApi {
  channels: { realtime: { address: string; messages: Record<string, Ref> } }
  operations: Record<string, Operation>
  components: { messages: Record<string, FrameMessage>; schemas: Record<string, object> }
}

const asyncApi: AsyncApi = JSON.parse(asyncApiText())
const { channels, operations, components } = asyncApi

const refsIn = (value: unknown): string[] =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([key, part]) => (key === '$ref' ? [part] : refsIn(part)))
    : []

const at = (pointer: string) =>
  pointer
    .split('/')
    .slice(1)
    .reduce<unknown>((value, key) => Object(value)[key], asyncApi)

/** The messages of all operations of one kind, by name, except `ping`. */
const messagesOf = (action: Operation['action']) =>
  Object.values(operations)
    .filter((operation) => operation.action === action)
    .flatMap((operation) => operation.messages)
    .map(({ $ref }) => components.messages[$ref.split('/').at(-1) ?? ''])
    .filter((message) => message !== undefined)
    .filter((message) => message.name !== 'ping')

test('the generated AsyncAPI document matches the committed one', async () => {
  await expect(asyncApiText()).toMatchFileSnapshot('../../openapi/asyncapi.json')
})

describe('the AsyncAPI document', () => {
  test.each([
    ['receive', ClientFrame],
    ['send', ServerFrame],
  ] as const)('has one message for each frame to %s, with examples that the frame accepts', (action, union) => {
    const messages = messagesOf(action)
    expect(messages.map(({ name }) => name)).toEqual(union.options.map((frame) => frame.shape.type.value))
    for (const { name, examples = [] } of messages) {
      expect(examples.length, name).toBeGreaterThan(0)
      for (const { payload } of examples) {
        expect(union.parse(payload)).toEqual(payload)
        expect(payload).toHaveProperty('type', name)
      }
    }
  })

  test('names the path and the same schemas as the OpenAPI document', () => {
    expect(document.paths).toHaveProperty([channels.realtime.address, 'get', 'operationId'], 'connectRealtime')
    expect(document.components.schemas).toMatchObject(components.schemas)
  })

  test('has no dangling references and no unused schemas', () => {
    const refs = refsIn(asyncApi)
    for (const ref of refs) expect(at(ref), ref).toBeDefined()
    for (const name of Object.keys(components.schemas)) expect(refs).toContain(`#/components/schemas/${name}`)
  })
})
