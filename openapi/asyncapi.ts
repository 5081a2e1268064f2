import * as realtime from '../schemas/realtime'
import { documentText } from './document'
import { frameExamples } from './frame-examples'

/**
 * The WebSocket protocol as AsyncAPI. Its frames, their schemas, the path, and the parameters of a connection are taken
 * from the OpenAPI document, so that the two cannot differ; only the examples are its own.
 */

interface Schema {
  $ref?: string
  description?: string
  properties?: Record<string, Schema>
  enum?: unknown[]
  [keyword: string]: unknown
}

interface Parameter {
  name: string
  in: string
  required: boolean
  schema: Schema
}

interface Connect {
  description: string
  parameters?: Parameter[]
}

interface OpenApi {
  info: { version: string; license: object }
  paths: Record<string, Record<string, Connect & { operationId: string }>>
  components: { schemas: Record<string, Schema>; securitySchemes: Record<string, object> }
}

const nameIn = (ref: string) => ref.slice(ref.lastIndexOf('/') + 1)

/** Every component that a value refers to. */
function refsIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, part]) => (key === '$ref' ? [nameIn(part)] : refsIn(part)))
}

function need<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`The document has no ${what}.`)
  return value
}

/** The named schemas followed by all that they refer to, in an order that no other operation affects. */
function withReferred(schemas: Record<string, Schema>, names: string[]): Record<string, Schema> {
  const found = new Set(names)
  for (const name of found) for (const referred of refsIn(schemas[name])) found.add(referred)
  return Object.fromEntries([...found].map((name) => [name, need(schemas[name], name)]))
}

/** `SendMessageFrame` → `sendMessage`. */
const keyOf = (name: string) => name.charAt(0).toLowerCase() + name.slice(1).replace(/Frame$/, '')

/** The names of the frames in a union. Schemas are exported under the names of their components. */
function framesOf({ options }: { options: readonly unknown[] }): string[] {
  const frames = new Set(options)
  return Object.entries(realtime).flatMap(([name, schema]) => (frames.has(schema) ? [name] : []))
}

function messageOf(name: string, { description, properties = {} }: Schema) {
  return {
    name: need(properties['type']?.enum, `type of ${name}`)[0],
    title: name,
    description,
    ...(properties['id'] && { correlationId: { $ref: '#/components/correlationIds/frame' } }),
    payload: { $ref: `#/components/schemas/${name}` },
    examples: need(frameExamples[name], `example of ${name}`),
  }
}

const textMessage = (text: string, description: string) => ({
  name: text,
  title: text,
  description,
  contentType: 'text/plain',
  payload: { type: 'string', enum: [text] },
})

const channel = { $ref: '#/channels/realtime' }
const inChannel = (key: string) => ({ $ref: `#/channels/realtime/messages/${key}` })

const info = {
  title: 'Big Project: realtime',
  description: `
The WebSocket of the messenger's backend: \`connectRealtime\` in its OpenAPI document, which describes everything else: sign-in, tickets, files, and the operations mentioned here. Schemas with the same name are the same in both documents.

This document takes the server's point of view: it *receives* what clients send, and *sends* what clients receive.
`.trim(),
}

const servers = {
  deployment: {
    host: '{host}',
    protocol: 'wss',
    description: 'The deployed worker.',
    variables: { host: { description: 'The host of the HTTP API.', default: 'api.example.com' } },
  },
  development: {
    host: 'localhost:8787',
    protocol: 'ws',
    description: 'A server started with `npm start` on the same machine.',
  },
}

const security = [{ $ref: '#/components/securitySchemes/ticket' }, { $ref: '#/components/securitySchemes/accessToken' }]

type Action = 'send' | 'receive'

/** A client's frame with an `id` gets a reply. */
function operationOf(action: Action, name: string, { properties = {} }: Schema) {
  const isAnswered = action === 'receive' && properties['id']
  const replies = ['ack', 'error'].map(inChannel)
  return {
    action,
    channel,
    title: name,
    messages: [inChannel(keyOf(name))],
    ...(isAnswered && { reply: { channel, messages: replies } }),
  }
}

const ping = {
  action: 'receive',
  channel,
  title: 'ping',
  messages: [inChannel('ping')],
  reply: { channel, messages: [inChannel('pong')] },
}

/** The path and the operation that open a connection. */
function findConnect({ paths }: OpenApi): [string, Connect] {
  for (const [path, { get }] of Object.entries(paths)) if (get?.operationId === 'connectRealtime') return [path, get]
  throw new Error('The document has no connectRealtime.')
}

function channelOf([address, { description, parameters = [] }]: [string, Connect], messageKeys: string[]) {
  const query = parameters.filter((parameter) => parameter.in === 'query')
  return {
    address,
    title: 'Your mailbox',
    description,
    messages: Object.fromEntries(messageKeys.map((key) => [key, { $ref: `#/components/messages/${key}` }])),
    bindings: {
      ws: {
        method: 'GET',
        query: {
          type: 'object',
          properties: Object.fromEntries(query.map(({ name, schema }) => [name, schema])),
          additionalProperties: false,
        },
        bindingVersion: '0.1.0',
      },
    },
  }
}

const texts = {
  ping: textMessage(
    'ping',
    'Just the four letters, not JSON. Keeps the connection and the presence of the device alive.',
  ),
  pong: textMessage('pong', 'The reply to `ping`.'),
}

const correlationIds = {
  frame: {
    description: 'The `id` chosen by the client; the `ack` or `error` in reply carries the same value.',
    location: '$message.payload#/id',
  },
}

function buildAsyncApi(openApi: OpenApi) {
  const { schemas, securitySchemes } = openApi.components
  const [received, sent] = [framesOf(realtime.ClientFrame), framesOf(realtime.ServerFrame)]
  const frames = [...received, ...sent]
  const byKey = <T>(names: string[], make: (name: string, schema: Schema) => T) =>
    Object.fromEntries(names.map((name) => [keyOf(name), make(name, need(schemas[name], name))]))
  const messages = { ...byKey(frames, messageOf), ...texts }
  const realtimeChannel = channelOf(findConnect(openApi), Object.keys(messages))
  const ticket = {
    type: 'httpApiKey',
    name: 'ticket',
    in: 'query',
    description: `The \`ticket\` from \`createRealtimeTicket\`. ${schemas['Ticket']?.description}`,
  }

  return {
    asyncapi: '3.0.0',
    id: 'urn:big-project:realtime',
    info: { ...info, version: openApi.info.version, license: openApi.info.license },
    defaultContentType: 'application/json',
    servers: Object.fromEntries(Object.entries(servers).map(([name, server]) => [name, { ...server, security }])),
    channels: { realtime: realtimeChannel },
    operations: {
      ...byKey(received, (name, schema) => operationOf('receive', name, schema)),
      ping,
      ...byKey(sent, (name, schema) => operationOf('send', name, schema)),
    },
    components: {
      messages,
      correlationIds,
      schemas: withReferred(schemas, [...frames, ...refsIn(realtimeChannel.bindings)]),
      securitySchemes: { ticket, accessToken: securitySchemes['accessToken'] },
    },
  }
}

/** The AsyncAPI document as it is committed. */
export const asyncApiText = (): string => `${JSON.stringify(buildAsyncApi(JSON.parse(documentText())), null, 2)}\n`
