// Imports the served document as Postman does: `openapi-to-postmanv2` must convert it without a warning, and each request
// of the resulting collection must return a status that the document declares.
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import Converter, { type Conversion } from 'openapi-to-postmanv2'
import type { SignedIn, Verification } from '../../../schemas/authentication'
import type { File } from '../../../schemas/file'
import type { Message } from '../../../schemas/message'
import type { NpmServer } from '../runtime/npm-start.ts'
import { type Collection, type Item, itemsOf, type RunResult } from './collection.ts'
import { runRequests } from './runs.ts'

const picture = 'docs/lighthouse.jpg'

interface Importer {
  name: string
  options: object
  /** Each is used for one code only: a second one within a minute is refused. */
  numbers: [ana: string, ben: string]
  successesMin: number
}

export const conversions: Importer[] = [
  { name: 'as Postman imports it', options: {}, numbers: ['+12025550111', '+12025550112'], successesMin: 20 },
  {
    name: 'with the examples',
    options: { parametersResolution: 'Example', folderStrategy: 'Tags', enableOptionalParameters: false },
    numbers: ['+12025550121', '+12025550122'],
    successesMin: 30,
  },
]

/** Runs `work` and captures its console output. */
async function captured<Result>(work: () => Promise<Result>): Promise<{ result: Result; written: string[] }> {
  const names = ['log', 'info', 'warn', 'error'] as const
  const own = Object.fromEntries(names.map((name) => [name, console[name]]))
  const written: string[] = []
  for (const name of names) console[name] = (...parts: unknown[]) => written.push(parts.join(' '))
  try {
    return { result: await work(), written }
  } finally {
    Object.assign(console, own)
  }
}

const convert = (data: string, options: object) =>
  new Promise<Conversion>((resolve, reject) => {
    Converter.convertV2({ type: 'string', data }, options, (error, result) => (error ? reject(error) : resolve(result)))
  })

/** Creates the data that the converted requests refer to. */
function client({ origin, codeFor }: NpmServer) {
  async function post<Body>(accessToken: string, pathname: string, body: BodyInit, type = 'application/json') {
    const response = await fetch(origin + pathname, {
      method: 'POST',
      headers: { 'Content-Type': type, ...(accessToken && { Authorization: `Bearer ${accessToken}` }) },
      body,
    })
    if (!response.ok) throw new Error(`POST ${pathname}: ${response.status} ${await response.text()}`)
    const answer: Body = await response.json()
    return answer
  }
  const signIn = async (phoneNumber: string) => {
    const { verificationId } = await post<Verification>('', '/v1/auth/otp', JSON.stringify({ phoneNumber }))
    const proof = { verificationId, code: await codeFor(phoneNumber) }
    return post<SignedIn>('', '/v1/auth/otp/verify', JSON.stringify(proof))
  }
  return { post, signIn }
}

/** Creates two users, a chat between them and a file, as values for the path parameters. */
async function prepare(root: string, server: NpmServer, [anasNumber, bensNumber]: Importer['numbers']) {
  const { post, signIn } = client(server)
  const ben = await signIn(bensNumber)
  const ana = await signIn(anasNumber)
  const { accessToken } = ana.tokens
  const bytes = await readFile(path.join(root, picture))
  const file = await post<File>(accessToken, '/v1/files?name=lighthouse.jpg', bytes, 'image/jpeg')
  const toSend = { clientMessageId: 'before the conversion', text: 'Did you see the lighthouse?' }
  const message = await post<Message>(accessToken, `/v1/chats/${ben.user.id}/messages`, JSON.stringify(toSend))
  return {
    baseUrl: server.origin,
    bearerToken: accessToken,
    userId: ben.user.id,
    chatId: ben.user.id,
    messageId: message.id,
    fileId: file.id,
    // The other user's session, so that ending it does not sign out the caller.
    sessionId: ben.tokens.sessionId,
    emoji: '👍',
  }
}

/** Fills in what a Postman user would: path variables and the file. HTTP requests cannot open a WebSocket. */
function fillIn({ request }: Item) {
  for (const variable of request.url.variable) variable.value = `{{${variable.key}}}`
  for (const field of request.body?.formdata ?? [])
    if (field.key === 'file') Object.assign(field, { type: 'file', src: picture })
  request.header = request.header.filter(({ key }) => key !== 'Upgrade')
}

// Requests that remove what others need come last, and those that end the session at the very end.
const ranks = [/^DELETE v1\/me$/, /^POST v1\/auth\/logout/, /^DELETE v1\/sessions/, /^DELETE/, /^PUT v1\/blocks/]
const keyOf = ({ request }: Item) => `${request.method} ${request.url.path.join('/')}`
const rankOf = (item: Item) => ranks.length - ranks.findIndex((rank) => rank.test(keyOf(item))) - 1
const orderOf = (item: Item) => (ranks.some((rank) => rank.test(keyOf(item))) ? rankOf(item) : -1)

interface Document {
  paths: Record<string, Record<string, { responses: object }>>
}

function declaredStatuses({ paths }: Document): Map<string, string[]> {
  const entries = Object.entries(paths).flatMap(([template, methods]) =>
    Object.entries(methods).map(([method, { responses }]): [string, string[]] => [
      `${method.toUpperCase()} ${template.slice(1).replaceAll(/\{(\w+)\}/g, ':$1')}`,
      Object.keys(responses),
    ]),
  )
  return new Map(entries)
}

/** Converts the document to a collection. `written` is the converter's console output. */
async function convertServed(
  text: string,
  options: object,
): Promise<{ items: Item[]; collection: Collection; written: string[] }> {
  const { result, written } = await captured(() => convert(text, options))
  const [output] = result.output ?? []
  if (!result.result || !output) throw new Error(`The conversion failed: ${result.reason}`)
  // A plain object, because the converter and the runner use different versions of the collection classes.
  const collection: Collection = JSON.parse(JSON.stringify(output.data))
  const items = collection.item.flatMap(itemsOf).toSorted((a, b) => orderOf(a) - orderOf(b))
  items.forEach(fillIn)
  return { items, collection: { ...collection, item: items }, written }
}

export async function runConversion(
  root: string,
  server: NpmServer,
  { name, options, numbers, successesMin }: Importer,
): Promise<RunResult> {
  const text = await (await fetch(`${server.origin}/openapi.json`)).text()
  const { items, collection, written } = await convertServed(text, options)
  const failures = written.map((line) => `The converter printed: ${line}`)
  const declared = declaredStatuses(JSON.parse(text))

  const values = await prepare(root, server, numbers)
  const environment = { values: Object.entries(values).map(([key, value]) => ({ key, value })) }
  const { exchanges, failures: errors } = await runRequests(collection, undefined, { environment, workingDir: root })
  failures.push(...errors)
  const keys = new Map(items.map((item) => [item.id, keyOf(item)]))
  const asked = new Set<string>()
  for (const { item, status } of exchanges) {
    const key = keys.get(item.id) ?? item.id
    asked.add(key)
    if (!declared.get(key)?.includes(String(status))) failures.push(`${key}: ${status} is not declared`)
  }
  for (const key of declared.keys()) if (!asked.has(key)) failures.push(`${key} was not sent`)
  const successes = exchanges.filter(({ status }) => status !== undefined && status < 300).length
  console.log(`  ${name}: ${exchanges.map(({ status }) => status).join(' ')}`)
  if (successes < successesMin) failures.push(`${successes} requests succeeded, of ${successesMin} that should`)
  return { requests: exchanges.length, assertions: exchanges.length + declared.size + 1, failures }
}
