import { limits } from '../../src/core/limits'

export interface Backoff {
  /** The delay after the first failure. It doubles with each further one. */
  baseMs: number
  maxMs: number
}

/**
 * When to try again after so many failures in a row (epoch milliseconds). A random quarter of the delay is taken off, so
 * that objects that failed together do not come back together.
 */
export function retryTime(failures: number, { baseMs, maxMs }: Backoff, now: number): number {
  const delay = Math.min(baseMs * 2 ** Math.min(failures - 1, 30), maxMs)
  return now + Math.ceil(delay * (0.75 + Math.random() / 4))
}

/**
 * When to ask again (epoch milliseconds) whether something that could not be reached is back. A question costs so little
 * that, for the first hours, it is asked often enough to notice within a minute.
 */
export function probeTime(failures: number, { baseMs, maxMs }: Backoff, now: number): number {
  return retryTime(failures, { baseMs, maxMs: failures <= limits.probesMax ? limits.probeMs : maxMs }, now)
}
