// Compares the secret and personal data that the tests send and receive with every line that the service logs. Lines
// leave the runtime only for a test that fails: each costs a message to the process that prints it.
import { env } from 'cloudflare:workers'
import { eventTable } from '../../src/core/events'
import { turnstileSecret } from './turnstile'
import { verifyAccount } from './verify'

const lines: string[] = []
const held: (() => void)[] = []
const found = new Set<string>([env.JWT_SECRET, verifyAccount.authToken, turnstileSecret])

// The one line that is meant to hold a code: the local provider prints it instead of sending it.
const isPrintedCode = (line: string) => /^Code for \+\d+: \d+$/.test(line)

for (const level of ['debug', 'log', 'info', 'warn', 'error'] as const) {
  const write = console[level]
  console[level] = (...parts: unknown[]) => {
    const line = parts.map((part) => (part instanceof Error ? `${part.stack}` : String(part))).join(' ')
    if (!isPrintedCode(line)) lines.push(line)
    held.push(() => write(line))
  }
}

/** Forgets the lines of a test that passed, and prints those of a test that failed. */
export function releaseLines(hasFailed: boolean) {
  const released = held.splice(0)
  if (hasFailed) for (const print of released) print()
}

const tellingNames = new Set([
  ...['accessToken', 'refreshToken', 'ticket', 'code', 'phoneNumber', 'phoneNumbers', 'text', 'q', 'turnstileToken'],
  ...['comment', 'firstName', 'lastName', 'about', 'username', 'deviceName', 'name', 'metadata'],
])

// A word of a few letters occurs anywhere, in the name of an event or of a function.
const shortest = 8
const isCode = (value: string) => /^\d{4,10}$/.test(value)

const isSession = (value: string) => /^ses_[0-7][0-9A-HJKMNP-TV-Z]{25}$/.test(value)

// A search may be for an id, which the log may hold.
const isId = (value: string) => /^(?:[a-z]{3}_)?[0-7][0-9A-HJKMNP-TV-Z]{25}$/.test(value)

/** Problem codes are sent as `code`, too. */
const isProblemCode = (name: string, value: string) => name === 'code' && !isCode(value)

function note(name: string, value: string) {
  const isTelling = tellingNames.has(name) && !isProblemCode(name, value) && !isId(value)
  if (isSession(value)) found.add(value)
  if (isTelling && (value.length >= shortest || isCode(value))) found.add(value)
  collectUrl(value)
}

const collectUrl = (value: string) => {
  const query = value.includes('?') ? new URLSearchParams(value.slice(value.indexOf('?'))) : undefined
  for (const name of ['signature', 'ticket', 'q']) {
    const secret = query?.get(name)
    if (secret && secret.length >= shortest && !isId(secret)) found.add(secret)
  }
}

/** Collects what is secret or personal in a body or a frame, at any depth. */
export function collectFrom(value: unknown, name = '') {
  if (typeof value === 'string') note(name, value)
  if (Array.isArray(value)) for (const item of value) collectFrom(item, name)
  else if (typeof value === 'object' && value !== null)
    for (const [key, member] of Object.entries(value)) collectFrom(member, name === 'metadata' ? name : key)
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The same for a request; its body when it is JSON. */
export function collectRequest(request: Request, body: string | undefined) {
  collectUrl(request.url)
  const token = request.headers.get('Authorization')?.replace(/^Bearer +/i, '')
  if (token && token.length >= shortest) found.add(token)
  if (body !== undefined) collectFrom(parsed(body))
}

/** A number or a code counts only as a whole: short runs of digits are everywhere. */
const holds = (line: string, secret: string) =>
  isCode(secret) ? new RegExp(`(?<![\\w-])${secret}(?![\\w-])`).test(line) : line.includes(secret)

/** What should be in no line but is, with the line. A number counts without its plus sign, too. */
export function leaks(inLines: readonly string[] = lines): string[] {
  const secrets = [...found].map((secret) => secret.replace(/^\+/, ''))
  const text = inLines.join('\n')
  return secrets
    .filter((secret) => holds(text, secret))
    .map((secret) => `${JSON.stringify(secret)} in ${inLines.find((line) => holds(line, secret))}`)
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

function isListed(line: object): boolean {
  const { level, event, ...fields }: { level?: unknown; event?: unknown } = line
  const rows = eventTable.filter((row) => row.event === event && row.level === level)
  return rows.some((row) => Object.keys(fields).every((field) => row.fields.includes(field)))
}

/** Events whose name, level or fields are not in the table of events. */
export const unlisted = (inLines: readonly string[] = lines): string[] =>
  inLines.filter((line) => {
    const value = parsed(line)
    return isObject(value) && 'event' in value && !isListed(value)
  })

/** The lines so far. */
export const logged = (): readonly string[] => lines
