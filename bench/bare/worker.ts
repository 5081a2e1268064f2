// The least that a messenger on this platform has to do, to measure the service against: an object per user, a durable
// row per message and mailbox, and nothing that a user would miss only later.

import { DurableObject } from 'cloudflare:workers'
import { Buffer } from 'node:buffer'

interface BareEnv {
  USERS: DurableObjectNamespace<User>
  SECRET: string
}

const pageRows = 50

export class User extends DurableObject<BareEnv> {
  readonly #sql = this.ctx.storage.sql

  constructor(ctx: DurableObjectState, env: BareEnv) {
    super(ctx, env)
    this.#sql.exec('CREATE TABLE IF NOT EXISTS messages (id INTEGER PRIMARY KEY, text TEXT NOT NULL)')
  }

  store(text: string) {
    return this.#sql.exec('INSERT INTO messages (text) VALUES (?) RETURNING id, text', text).one()
  }

  receive(text: string) {
    const frame = JSON.stringify(this.store(text))
    for (const socket of this.ctx.getWebSockets()) socket.send(frame)
  }

  page() {
    return this.#sql.exec('SELECT id, text FROM messages ORDER BY id DESC LIMIT ?', pageRows).toArray()
  }

  count() {
    return this.#sql.exec('SELECT count(*) AS count FROM messages').one()
  }

  noop() {
    return { ok: true }
  }

  override fetch() {
    const [client, server] = Object.values(new WebSocketPair())
    if (!client || !server) throw new Error('A pair has two ends')
    this.ctx.acceptWebSocket(server)
    return new Response(null, { status: 101, webSocket: client })
  }
}

let key: Promise<CryptoKey> | undefined

/** Tokens are the user and the HMAC-SHA-256 of the user, in base64url, joined by a dot. */
function isGenuine(secret: string, user: string, token: string): Promise<boolean> {
  const bytes = new TextEncoder()
  key ??= crypto.subtle.importKey('raw', bytes.encode(secret), { name: 'HMAC', hash: 'SHA-256' }, false, ['verify'])
  const mac = Buffer.from(token.slice(token.indexOf('.') + 1), 'base64url')
  return key.then((imported) => crypto.subtle.verify('HMAC', imported, mac, bytes.encode(user)))
}

async function answer(request: Request, env: BareEnv, ctx: ExecutionContext): Promise<Response> {
  const [, call, user = '', peer = ''] = new URL(request.url).pathname.split('/')
  const object = env.USERS.getByName(user)
  if (call === 'socket') return object.fetch(request)
  if (call === 'page') return Response.json({ items: await object.page() })
  if (call === 'count') return Response.json(await object.count())
  if (call === 'noop') {
    const token = request.headers.get('Authorization')?.slice('Bearer '.length) ?? ''
    if (!(await isGenuine(env.SECRET, user, token))) return new Response(null, { status: 401 })
    return Response.json(await object.noop())
  }
  const { text } = await request.json<{ text: string }>()
  const stored = await object.store(text)
  ctx.waitUntil(env.USERS.getByName(peer).receive(text))
  return Response.json(stored, { status: 201 })
}

export default { fetch: answer } satisfies ExportedHandler<BareEnv>
