import { z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { ChangesFrom } from '../../schemas/changes'
import { UpgradeProtocol } from '../../schemas/realtime'
import { protocol } from '../../schemas/realtime-protocol'
import { readChangesCursor } from '../../src/core/cursors'
import { problem } from '../../src/core/errors'
import { limits } from '../../src/core/limits'
import type { AppEnv } from '../../src/http/app-env'
import { define, type ResponseConfig } from '../../src/http/define-route'
import { openSocket } from '../../src/http/open-socket'
import { limitNetwork, limitUser } from '../../src/http/rate-limit'
import { parseTicket } from '../../src/http/realtime-ticket'
import { bearerSession } from '../../src/http/session-guard'
import { readConfig } from '../../src/settings/config'

const ticketCharactersMax = 128

const description = `${protocol}

“Try it out” in the documentation cannot open a WebSocket, and returns 426 \`upgrade_required\`. Use a WebSocket client, with a new ticket: \`wss://<host>/v1/realtime?ticket=<ticket>\`. With \`npm start\`, two windows of \`/demo\` show what it does, and \`docs/realtime.md\` in the repository says how a client stays in sync.`

// No content: a 101 has none, and generators would read one.
const opened: ResponseConfig = {
  description:
    'The connection is now a WebSocket. Its frames are JSON text: the server sends `ServerFrame`, the client sends `ClientFrame`.',
}

/** Browsers do not enforce CORS on WebSockets, but they send the page's origin. */
function checkOrigin(c: Context<AppEnv>) {
  const origin = c.req.header('Origin')
  const allowed = [...readConfig(c.env).CORS_ORIGINS, new URL(c.req.url).origin]
  if (origin !== undefined && !allowed.includes('*') && !allowed.includes(origin)) throw problem('origin_not_allowed')
}

async function identify(c: Context<AppEnv>, ticket: string | undefined) {
  if (ticket !== undefined) {
    const { userId, secret } = parseTicket(readConfig(c.env), ticket)
    return { userId, by: { ticket: secret } }
  }
  const session = await bearerSession(c)
  c.set('session', session)
  return { userId: session.userId, by: { sessionId: session.sessionId, step: session.step } }
}

export const connectRealtime = define(
  {
    access: 'ticket',
    counts: 'byHandler',
    operationId: 'connectRealtime',
    method: 'get',
    path: '/v1/realtime',
    tags: ['Realtime'],
    summary: 'Open a WebSocket',
    description,
    request: {
      query: z.strictObject({
        ticket: z.string().max(ticketCharactersMax).optional().openapi({
          description: 'From `createRealtimeTicket`, for clients that cannot send the access token.',
        }),
        // Browsers do not see why an upgrade was refused, so a cursor never refuses one.
        cursor: z.string().optional().openapi({
          description:
            'The last cursor you have stored. Without one, and with one that cannot be read or is from another life of the mailbox, everything is sent, or with `from=now` nothing: the first `changes` frame has `reset`.',
        }),
        from: ChangesFrom.optional(),
      }),
      headers: z.object({
        Upgrade: UpgradeProtocol.optional().openapi({ param: { required: true } }),
        'Sec-WebSocket-Protocol': z.string().max(limits.echoedHeaderCharactersMax).optional().openapi({
          description: 'The server selects the first protocol you offer; it has no meaning here.',
        }),
      }),
    },
    responses: {
      101: opened,
      default: { description: 'Over HTTP/2 and HTTP/3 the connection opens with a 200 (RFC 8441, RFC 9220).' },
    },
    problems: ['origin_not_allowed', 'upgrade_required'],
  },
  async (c) => {
    const { ticket, cursor, from } = c.req.valid('query')
    const { Upgrade, 'Sec-WebSocket-Protocol': offered } = c.req.valid('header')
    if (Upgrade?.toLowerCase() !== 'websocket') throw problem('upgrade_required', { headers: { Upgrade: 'websocket' } })
    checkOrigin(c)
    const position = cursor === undefined ? null : readChangesCursor(cursor)
    const { userId, by } = await identify(c, ticket)
    await limitUser(c, 'connections', userId)
    await limitNetwork(c, 'signedInCalls')
    const { origin } = new URL(c.req.url)
    const webSocket = await openSocket(c.env, userId, {
      by,
      origin,
      position,
      otherwise: from ?? 'beginning',
      requestId: c.get('requestId'),
    })
    // A browser closes a connection whose response selects none of the protocols that it offered.
    const chosen = offered?.split(',')[0]?.trim()
    return new Response(null, {
      status: 101,
      webSocket,
      ...(chosen && { headers: { 'Sec-WebSocket-Protocol': chosen } }),
    })
  },
)
