// HTTP calls, retried until they are answered, as a well-behaved client retries them.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Problem } from '../../../schemas/problem'

const timeoutMs = 15_000
const pauseMs = 40
const failuresMax = 20

/** Totals across all clients. */
export const totals: { calls: number; retried: number; unexpected: string[] } = { calls: 0, retried: 0, unexpected: [] }

export interface CallInput {
  token?: string
  body?: object | undefined
}

export type Answer<Body> = { ok: true; status: number; body: Body } | { ok: false; status: number; body: Problem }

export type HttpAnswer<Body> = Answer<Body> & {
  retryAfterSeconds: number
  /** Size of the body. */
  bytes: number
}

/** Makes one attempt; rejects if the connection drops. */
export async function attempt<Body>(
  origin: string,
  method: string,
  path: string,
  { token, body }: CallInput,
): Promise<HttpAnswer<Body>> {
  const response = await fetch(origin + path, {
    method,
    headers: {
      ...(token && { Authorization: `Bearer ${token}` }),
      ...(body && { 'Content-Type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(timeoutMs),
  })
  const text = await response.text()
  return {
    ok: response.ok,
    status: response.status,
    retryAfterSeconds: Number(response.headers.get('Retry-After')),
    bytes: Buffer.byteLength(text),
    body: text === '' ? null : JSON.parse(text),
  }
}

/**
 * Retries while the connection drops or the service fails; `repeated` counts the retries. Unexpected statuses are
 * recorded, because a running service must not return any.
 */
export async function untilAnswered<Attempted extends Answer<unknown>>(
  what: string,
  expected: number[],
  attemptOnce: () => Promise<Attempted>,
): Promise<Attempted & { repeated: number }> {
  totals.calls++
  for (let repeated = 0, failures = 0; ; repeated++) {
    const answer = await attemptOnce().catch(() => null)
    if (answer && !expected.includes(answer.status))
      totals.unexpected.push(`${what}: ${answer.status} ${answer.ok ? '' : answer.body?.code}`)
    if (answer && answer.status >= 500) failures++
    if (answer && (answer.status < 500 || failures > failuresMax)) return { ...answer, repeated }
    if (repeated === 0) totals.retried++
    await sleep(pauseMs)
  }
}

/** Makes a call, retrying until it is answered. */
export const call = <Body>(
  origin: string,
  method: string,
  path: string,
  { expected = [200], ...input }: CallInput & { expected?: number[] } = {},
) => untilAnswered(`${method} ${path}`, expected, () => attempt<Body>(origin, method, path, input))

/** Makes a call that has to succeed, and returns the body. */
export async function obtain<Body>(origin: string, method: string, path: string, input?: CallInput): Promise<Body> {
  const answer = await call<Body>(origin, method, path, input)
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${answer.body?.code}`)
  return answer.body
}
