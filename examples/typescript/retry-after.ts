/** No header silences a chat for longer: clocks are wrong, and proxies make mistakes. */
const retryAfterMaxMs = 3_600_000

/**
 * The milliseconds that `Retry-After` asks for, at most an hour: 0 without one, or if it cannot be read. It comes as a
 * number of seconds or as a date (RFC 9110, 10.2.3), which is compared with the response's own `Date`, because a
 * device's clock can be wrong by hours.
 */
export function retryAfterMs(headers: Headers | undefined, now = Date.now()): number {
  const value = headers?.get('Retry-After')?.trim() ?? ''
  if (/^\d+$/.test(value)) return boundedMs(Number(value) * 1_000)
  const sentAt = Date.parse(headers?.get('Date') ?? '')
  return boundedMs(Date.parse(value) - (Number.isNaN(sentAt) ? now : sentAt))
}

/** A time to wait, made safe: not a number counts as none. */
export const boundedMs = (ms: number) => (Number.isNaN(ms) ? 0 : Math.min(Math.max(ms, 0), retryAfterMaxMs))
