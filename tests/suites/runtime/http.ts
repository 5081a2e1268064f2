// Calls over HTTP that are repeated, as an honest client repeats them, until they are answered.
import { setTimeout as sleep } from 'node:timers/promises'

const timeoutMs = 15_000
const pauseMs = 40
const failuresMax = 20

/** What all clients saw together. */
export const totals = { calls: 0, retried: 0, unexpected: [] }

/** One attempt; rejects when the connection drops. `bytes` is the size of the body. */
export async function attempt(origin, method, path, { token, body }) {
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
    status: response.status,
    retryAfterSeconds: Number(response.headers.get('Retry-After')),
    bytes: Buffer.byteLength(text),
    body: text === '' ? null : JSON.parse(text),
  }
}

/**
 * Repeats an attempt while the connection drops or the service fails; `repeated` says how often. Answers that are not
 * among the expected ones are noted: a runtime that is up has none but those.
 */
export async function untilAnswered(what, expected, attemptOnce) {
  totals.calls++
  for (let repeated = 0, failures = 0; ; repeated++) {
    const answer = await attemptOnce().catch(() => null)
    if (answer && !expected.includes(answer.status))
      totals.unexpected.push(`${what}: ${answer.status} ${answer.body?.code ?? ''}`)
    if (answer?.status >= 500) failures++
    if (answer && (answer.status < 500 || failures > failuresMax)) return { ...answer, repeated }
    if (repeated === 0) totals.retried++
    await sleep(pauseMs)
  }
}

/** One call; resolves to its status and body. */
export const call = (origin, method, path, { expected = [200], ...input } = {}) =>
  untilAnswered(`${method} ${path}`, expected, () => attempt(origin, method, path, input))
