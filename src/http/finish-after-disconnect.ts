import type { Context } from 'hono'

/**
 * Lets the work of a request continue after its client disconnects, so that what it has started elsewhere is recorded
 * or undone.
 */
export function finishAfterDisconnect<T>(c: { executionCtx: Context['executionCtx'] }, work: Promise<T>): Promise<T> {
  c.executionCtx.waitUntil(work.catch(() => {}))
  return work
}
