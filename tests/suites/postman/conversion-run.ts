// What importers make of the served document: `openapi-to-postmanv2` converts it without a warning, and each request
// that comes out gets a status that the document declares for its operation.
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import Converter from 'openapi-to-postmanv2'
import { runRequests } from './runs.ts'

const picture = 'docs/lighthouse.jpg'

/** Numbers are asked for one code each: a second one within a minute is refused. */
export const conversions = [
  { name: 'as Postman imports it', options: {}, numbers: ['+12025550111', '+12025550112'], successesMin: 20 },
  {
    name: 'with the examples',
    options: { parametersResolution: 'Example', folderStrategy: 'Tags', enableOptionalParameters: false },
    numbers: ['+12025550121', '+12025550122'],
    successesMin: 30,
  },
]

/** Runs something and returns what it wrote to the console meanwhile. */
async function listening(work) {
  const names = ['log', 'info', 'warn', 'error']
  const own = Object.fromEntries(names.map((name) => [name, console[name]]))
  const written = []
  for (const name of names) console[name] = (...parts) => written.push(parts.join(' '))
  try {
    return { result: await work(), written }
  } finally {
    Object.assign(console, own)
  }
}

const convert = (data, options) =>
  new Promise((resolve, reject) => {
    Converter.convertV2({ type: 'string', data }, options, (error, result) => (error ? reject(error) : resolve(result)))
  })

/** Calls that make what the converted requests ask for. */
function client(baseUrl) {
  const call = async (accessToken, method, pathname, body, contentType = 'application/json') => {
    const response = await fetch(baseUrl + pathname, {
      method,
      headers: { 'Content-Type': contentType, ...(accessToken && { Authorization: `Bearer ${accessToken}` }) },
      body: contentType === 'application/json' ? JSON.stringify(body) : body,
    })
    if (!response.ok) throw new Error(`${method} ${pathname}: ${response.status} ${await response.text()}`)
    return response.json()
  }
  const signIn = async (phoneNumber, codeFor) => {
    const { verificationId } = await call('', 'POST', '/v1/auth/otp', { phoneNumber })
    return call('', 'POST', '/v1/auth/otp/verify', { verificationId, code: await codeFor(phoneNumber) })
  }
  return { call, signIn }
}

/** Two users, a chat between them and a file: what the path parameters of the document can name. */
async function prepare(root, { origin, codeFor }, numbers) {
  const { call, signIn } = client(origin)
  const ben = await signIn(numbers[1], codeFor)
  const ana = await signIn(numbers[0], codeFor)
  const { accessToken } = ana.tokens
  const bytes = await readFile(path.join(root, picture))
  const file = await call(accessToken, 'POST', '/v1/files?name=lighthouse.jpg', bytes, 'image/jpeg')
  const message = await call(accessToken, 'POST', `/v1/chats/${ben.user.id}/messages`, {
    clientMessageId: 'before the conversion',
    text: 'Did you see the lighthouse?',
  })
  return {
    baseUrl: origin,
    bearerToken: accessToken,
    userId: ben.user.id,
    chatId: ben.user.id,
    messageId: message.id,
    fileId: file.id,
    // Somebody else's, so that the requests after it still have theirs.
    sessionId: ben.tokens.sessionId,
    emoji: '👍',
  }
}

const itemsOf = (group) => (group.item ? group.item.flatMap(itemsOf) : [group])

/** What a user of Postman fills in: the variables of the path and the file; a WebSocket is not opened by HTTP. */
function fillIn(item) {
  const { request } = item
  for (const variable of request.url.variable) variable.value = `{{${variable.key}}}`
  for (const field of request.body?.formdata ?? [])
    if (field.key === 'file') Object.assign(field, { type: 'file', src: picture })
  request.header = request.header.filter(({ key }) => key !== 'Upgrade')
}

// Those that take something away from the rest come last, and what ends the session after all.
const ranks = [/^DELETE v1\/me$/, /^POST v1\/auth\/logout/, /^DELETE v1\/sessions/, /^DELETE/, /^PUT v1\/blocks/]
const keyOf = ({ request }) => `${request.method} ${request.url.path.join('/')}`
const rankOf = (item) => ranks.length - ranks.findIndex((rank) => rank.test(keyOf(item))) - 1
const orderOf = (item) => (ranks.some((rank) => rank.test(keyOf(item))) ? rankOf(item) : -1)

function declaredStatuses(document) {
  const entries = Object.entries(document.paths).flatMap(([template, methods]) =>
    Object.entries(methods).map(([method, { responses }]) => [
      `${method.toUpperCase()} ${template.slice(1).replaceAll(/\{(\w+)\}/g, ':$1')}`,
      Object.keys(responses),
    ]),
  )
  return new Map(entries)
}

export async function runConversion(root, server, { name, options, numbers, successesMin }) {
  const text = await (await fetch(`${server.origin}/openapi.json`)).text()
  const { result, written } = await listening(() => convert(text, options))
  if (!result.result) return { requests: 0, assertions: 1, failures: [`The conversion failed: ${result.reason}`] }
  const failures = written.map((line) => `The conversion said: ${line}`)
  const declared = declaredStatuses(JSON.parse(text))
  // A plain object: the converter's own classes are of another version than those of the runner.
  const collection = JSON.parse(JSON.stringify(result.output[0].data))
  const items = itemsOf(collection).toSorted((a, b) => orderOf(a) - orderOf(b))
  items.forEach(fillIn)
  collection.item = items

  const values = await prepare(root, server, numbers)
  const environment = { values: Object.entries(values).map(([key, value]) => ({ key, value })) }
  const byId = new Map(items.map((item) => [item.id, item]))
  const { exchanges, failures: errors } = await runRequests(collection, undefined, { environment, workingDir: root })
  failures.push(...errors)
  for (const { item, status } of exchanges) {
    const key = keyOf(byId.get(item.id))
    if (!declared.get(key)?.includes(String(status))) failures.push(`${key}: ${status} is not declared`)
  }
  const asked = new Set(exchanges.map(({ item }) => keyOf(byId.get(item.id))))
  for (const key of declared.keys()) if (!asked.has(key)) failures.push(`${key} was not sent`)
  const successes = exchanges.filter(({ status }) => status < 300).length
  console.log(`  ${name}: ${exchanges.map(({ status }) => status).join(' ')}`)
  if (successes < successesMin) failures.push(`${successes} requests succeeded, of ${successesMin} that should`)
  return { requests: exchanges.length, assertions: exchanges.length + declared.size + 1, failures }
}
