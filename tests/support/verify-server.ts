// Twilio Verify v2 as far as sign-in uses it, as documented and as it responds. Runs in Node, beside the tests.
import { randomBytes, randomInt } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { checkFaults, sendFaults, type VerifyRequest, verifyAccount, verifyLocales } from './verify'

interface Verification {
  sid: string
  to: string
  channel: string
  code: string
  sends: number
  checks: number
}

interface Reply {
  status: number
  headers?: Record<string, string>
  /** Text as it is, or JSON. */
  body?: string | object
  /** Whether the response never ends. */
  hangs?: true
}

type Form = Record<string, string>

const attemptsMax = 5
const service = `/v2/Services/${verifyAccount.serviceSid}`
const authorization = `Basic ${btoa(`${verifyAccount.accountSid}:${verifyAccount.authToken}`)}`

const refusal = (status: number, code: number, message: string): Reply => ({
  status,
  body: { code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status },
})
const unauthenticated = refusal(401, 20003, 'Authenticate')
const missing = (parameter: string) => refusal(400, 60200, `Missing required parameter ${parameter}`)
const notFound = (path: string) => refusal(404, 20404, `The requested resource ${path} was not found`)

const faults = (triggers: typeof checkFaults | typeof sendFaults): Record<string, Reply> => ({
  [triggers.tooManyRequests]: refusal(429, 20429, 'Too many requests'),
  [triggers.broken]: refusal(500, 20500, 'Internal server error'),
  [triggers.silent]: { status: 0, hangs: true },
  [triggers.stalled]: { status: 201, body: '{"sid":', hangs: true },
  [triggers.garbled]: { status: 502, body: '<p>Sorry</p>' },
  [triggers.redirected]: { status: 307, headers: { Location: '/elsewhere' } },
})

// The texts name the number, as Twilio's do: none of it may reach a client or a log.
const sendReplies: Record<string, Reply> = {
  ...faults(sendFaults),
  [sendFaults.invalid]: refusal(400, 60200, `Invalid parameter \`To\`: ${sendFaults.invalid}`),
  [sendFaults.trial]: refusal(403, 21608, `The phone number ${sendFaults.trial} is unverified`),
  [sendFaults.landline]: refusal(403, 60205, `SMS is not supported by landline phone number ${sendFaults.landline}`),
  [sendFaults.vetting]: refusal(400, 60220, `Messages to China require use case vetting: ${sendFaults.vetting}`),
  [sendFaults.channelOff]: refusal(400, 60223, `Delivery channel disabled for ${sendFaults.channelOff}`),
  [sendFaults.embargo]: refusal(403, 60238, `Verification to ${sendFaults.embargo} is blocked by Twilio`),
  [sendFaults.fraudGuard]: refusal(
    403,
    60410,
    `The destination ${sendFaults.fraudGuard} has been blocked for 12 hours`,
  ),
  [sendFaults.geoPermissions]: refusal(403, 60605, `${sendFaults.geoPermissions} is blocked by Verify Geo-Permissions`),
  [sendFaults.concurrent]: refusal(429, 60212, `Too many concurrent requests for ${sendFaults.concurrent}`),
  [sendFaults.nobodys]: refusal(400, 60006, `Invalid phone number ${sendFaults.nobodys}`),
  [sendFaults.unlisted]: refusal(400, 60999, `Something new about ${sendFaults.unlisted}`),
  [sendFaults.page]: { status: 403, body: '<p>Forbidden</p>' },
  [sendFaults.suspended]: refusal(403, 20005, 'Account not active'),
  [sendFaults.incomplete]: { status: 201, body: { status: 'pending' } },
}
const checkReplies: Record<string, Reply> = {
  ...faults(checkFaults),
  [checkFaults.attemptsReached]: { status: 200, body: { status: 'max_attempts_reached' } },
  [checkFaults.unlisted]: refusal(400, 60999, 'Something new'),
  [checkFaults.suspended]: refusal(403, 20005, 'Account not active'),
  [checkFaults.canceled]: { status: 200, body: { status: 'canceled' } },
}

function serve(base: () => string) {
  const open = new Map<string, Verification>()
  const sids = new Map<string, string>()
  const requests: (VerifyRequest & { to: string | undefined })[] = []

  const view = ({ sid, to, channel }: Verification, status: 'pending' | 'approved' | 'canceled') => ({
    sid,
    service_sid: verifyAccount.serviceSid,
    account_sid: verifyAccount.accountSid,
    to,
    channel,
    status,
    valid: status === 'approved',
    amount: null,
    payee: null,
    date_created: new Date().toISOString(),
    date_updated: new Date().toISOString(),
    url: `${base()}${service}/Verifications/${sid}`,
  })

  /** A number's open verification keeps its SID and code: asking again sends the same code again. */
  function send({ To: to, Channel: channel, Locale: locale }: Form): Reply {
    if (!to) return missing('To')
    if (!channel) return missing('Channel')
    if (!['sms', 'call', 'whatsapp'].includes(channel)) return refusal(400, 60200, `Invalid parameter: Channel`)
    const reply = sendReplies[to]
    if (reply) return reply
    if (locale !== undefined && !verifyLocales.includes(locale)) return notFound(`${service}/Verifications`)
    const sid = `VE${randomBytes(16).toString('hex')}`
    const code = String(randomInt(100_000, 1_000_000))
    const verification = open.get(to) ?? { sid, to, channel, code, sends: 0, checks: 0 }
    if (verification.checks >= attemptsMax) return refusal(429, 60202, 'Max check attempts reached')
    if (verification.sends >= attemptsMax) return refusal(429, 60203, 'Max send attempts reached')
    verification.sends += 1
    verification.channel = channel
    open.set(to, verification)
    sids.set(verification.sid, to)
    const attempt = { time: new Date().toISOString(), channel, attempt_sid: `VL${randomBytes(16).toString('hex')}` }
    return {
      status: 201,
      body: { ...view(verification, 'pending'), lookup: {}, sna: null, send_code_attempts: [attempt] },
    }
  }

  function check({ VerificationSid: sid, Code: code }: Form): Reply {
    if (!sid) return missing('VerificationSid')
    if (!code) return missing('Code')
    const reply = checkReplies[code]
    if (reply) return reply
    const verification = open.get(sids.get(sid) ?? '')
    if (verification?.sid !== sid) return notFound(`${service}/VerificationCheck`)
    if (!/^.{4,10}$/.test(code)) return refusal(400, 60200, `Invalid parameter: Code ${code}`)
    if (verification.checks >= attemptsMax) return refusal(429, 60202, 'Max check attempts reached')
    verification.checks += 1
    if (code !== verification.code) return { status: 200, body: view(verification, 'pending') }
    open.delete(verification.to)
    return { status: 200, body: view(verification, 'approved') }
  }

  /** Canceling deletes a verification, and the number can be sent a new code. */
  function update(sid: string, { Status: status }: Form): Reply {
    const verification = open.get(sids.get(sid) ?? '')
    if (verification?.sid !== sid) return notFound(`${service}/Verifications/${sid}`)
    if (status !== 'canceled') return refusal(400, 60200, `Invalid parameter: Status ${status}`)
    open.delete(verification.to)
    return { status: 200, body: view(verification, 'canceled') }
  }

  const operations: Record<string, (form: Form) => Reply> = {
    [`${service}/Verifications`]: send,
    [`${service}/VerificationCheck`]: check,
  }

  function operationAt(path: string) {
    const sid = new RegExp(`^${service}/Verifications/(VE[0-9a-f]{32})$`).exec(path)?.[1]
    return sid ? (form: Form) => update(sid, form) : operations[path]
  }

  function answer(request: VerifyRequest): Reply {
    const operation = operationAt(request.path)
    if (request.authorization !== authorization) return unauthenticated
    if (!operation) return notFound(request.path)
    return request.method === 'POST' ? operation(request.form) : refusal(405, 20004, 'Method not allowed')
  }

  function answerTest(method: string, url: URL): Reply {
    const to = url.searchParams.get('to') ?? ''
    const verification = open.get(to)
    if (url.pathname === '/_test/requests')
      return { status: 200, body: requests.filter((request) => request.to === to).map(({ to: _, ...seen }) => seen) }
    if (url.pathname !== '/_test/codes' || !verification) return { status: 404, body: {} }
    if (method === 'DELETE') open.delete(to)
    return { status: 200, body: { sid: verification.sid, code: verification.code } }
  }

  return async (incoming: IncomingMessage, response: ServerResponse) => {
    const url = new URL(incoming.url ?? '/', base())
    const { method = 'GET', headers } = incoming
    const body = await text(incoming)
    if (url.pathname.startsWith('/_test/')) return write(response, answerTest(method, url))
    const contentType = headers['content-type'] ?? ''
    // Anything but a form has no parameters.
    const isForm = contentType.split(';')[0] === 'application/x-www-form-urlencoded'
    const form = isForm ? Object.fromEntries(new URLSearchParams(body)) : {}
    const request = { method, path: url.pathname, contentType, authorization: headers.authorization ?? '', form }
    requests.push({
      ...request,
      to: form['To'] ?? sids.get(form['VerificationSid'] ?? url.pathname.split('/').at(-1) ?? ''),
    })
    write(response, answer(request))
  }
}

function write(response: ServerResponse, { status, headers, body = '', hangs }: Reply) {
  if (status === 0) return
  const isJson = typeof body === 'object' || hangs
  response.writeHead(status, { 'Content-Type': isJson ? 'application/json' : 'text/html', ...headers })
  response.write(typeof body === 'string' ? body : JSON.stringify(body))
  if (!hangs) response.end()
}

/** Starts the fake on a free port of the loopback. */
export async function startVerifyServer() {
  let url = ''
  const server = createServer(serve(() => url))
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', reject).listen(0, '127.0.0.1', resolve)
  await promise
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The fake has no port')
  url = `http://127.0.0.1:${address.port}`
  const stop = async () => {
    const closed = new Promise((done) => server.close(done))
    server.closeAllConnections()
    await closed
  }
  return { url, stop }
}
