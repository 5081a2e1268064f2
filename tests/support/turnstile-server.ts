// Turnstile's siteverify, as documented and as it responds. Runs in Node, beside the tests.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { turnstileHostname, turnstileSecret, turnstileTokens } from './turnstile'

interface Reply {
  status: number
  /** Text as it is, or JSON. */
  body?: string | object
}

/** A success, for the widget of a page: by default, of ours. */
const success = ({ hostname = turnstileHostname, action = 'send-otp' }: { hostname?: string; action?: string }) => ({
  status: 200,
  body: { success: true, 'error-codes': [], challenge_ts: new Date().toISOString(), hostname, action },
})
const failure = (...errorCodes: string[]): Reply => ({
  status: 200,
  body: { success: false, 'error-codes': errorCodes, messages: [] },
})

const replies: Record<string, Reply> = {
  [turnstileTokens.broken]: { status: 500, body: failure('internal-error').body ?? '' },
  [turnstileTokens.garbled]: { status: 502, body: '<p>Sorry</p>' },
  [turnstileTokens.redirected]: { status: 307, body: '' },
}

/** Widgets that are not ours, by how a token of theirs continues. */
const widgets: Record<string, { hostname?: string; action?: string }> = {
  'other-page.': { hostname: 'phishing.example' },
  'parent-page.': { hostname: 'example' },
  'other-action.': { action: 'login' },
  'no-action.': { action: '' },
}

function serve() {
  const used = new Set<string>()
  const seen: Record<string, string>[] = []

  function verify({ secret, response }: Record<string, string>): Reply {
    if (!secret) return failure('missing-input-secret')
    if (secret !== turnstileSecret) return failure('invalid-input-secret')
    if (!response) return failure('missing-input-response')
    const reply = replies[response]
    if (reply) return reply
    if (!response.startsWith(turnstileTokens.person)) return failure('invalid-input-response')
    if (used.has(response)) return failure('timeout-or-duplicate')
    used.add(response)
    const elsewhere = Object.entries(widgets).find(([name]) => response.startsWith(turnstileTokens.person + name))
    return success(elsewhere?.[1] ?? {})
  }

  return async (incoming: IncomingMessage, response: ServerResponse) => {
    const form = Object.fromEntries(new URLSearchParams(await text(incoming)))
    if (incoming.url === '/_test/requests') return write(response, { status: 200, body: seen })
    if (incoming.method !== 'POST' || incoming.url !== '/turnstile/v0/siteverify')
      return write(response, { status: 404 })
    seen.push(form)
    write(response, verify(form))
  }
}

function write(response: ServerResponse, { status, body = '' }: Reply) {
  response.writeHead(status, {
    'Content-Type': typeof body === 'object' ? 'application/json' : 'text/html',
    ...(status === 307 && { Location: '/elsewhere' }),
  })
  response.end(typeof body === 'string' ? body : JSON.stringify(body))
}

/** Starts the fake on a free port of the loopback. */
export async function startTurnstileServer() {
  const server = createServer(serve())
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', reject).listen(0, '127.0.0.1', resolve)
  await promise
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The fake has no port')
  const stop = async () => {
    const closed = new Promise((done) => server.close(done))
    server.closeAllConnections()
    await closed
  }
  return { url: `http://127.0.0.1:${address.port}`, stop }
}
