import type { Context } from 'hono'

/** Work of a request that goes on when its client hangs up: what it has begun elsewhere is noted, or undone. */
export function finishAfterDisconnect<T>(c: { executionCtx: Context['executionCtx'] }, work: Promise<T>): Promise<T> {
  c.executionCtx.waitUntil(work.catch(() => {}))
  return work
}
