import type { Random } from '../../support/random.ts'

/** What a network does to everything that passes. */
export const weathers = {
  /** Passes everything on. */
  clear: 8,
  /** Delays each response by itself, so that they overtake each other. */
  slow: 4,
  /** Accepts everything and passes nothing on: half-open. What was open in it stays silent for good. */
  silent: 3,
  /** Passes requests on, and loses the responses. */
  losing: 3,
  /** Replaces some responses and frames with truncated ones, or with pages of its own. */
  spoiling: 5,
  /** Breaks all connections, and refuses new ones. */
  cut: 3,
}

export type Weather = keyof typeof weathers

export interface Answer {
  status: number
  headers: Record<string, string>
  body: Buffer
}

const html = { 'content-type': 'text/html' }
const page = Buffer.from('<!doctype html><h1>Welcome to our network</h1>')

/** An answer that something on the way has made of another. */
export function spoiled({ status, headers, body }: Answer, draw: Random): Answer {
  const kind = draw.weighted({ truncated: 3, welcome: 2, badGateway: 2, busy: 1, busyUntil: 1, empty: 1 })
  const inOneSecond = new Date(Date.now() + 1_000).toUTCString()
  if (kind === 'truncated') return { status, headers, body: body.subarray(0, draw.below(body.length + 1)) }
  if (kind === 'welcome') return { status: 200, headers: html, body: page }
  if (kind === 'badGateway') return { status: 502, headers: html, body: page }
  if (kind === 'busy') return { status: 503, headers: { ...html, 'retry-after': '0' }, body: page }
  if (kind === 'busyUntil') return { status: 429, headers: { ...html, 'retry-after': inOneSecond }, body: page }
  return { status, headers, body: Buffer.alloc(0) }
}
