// D1 says it in words alone: developers.cloudflare.com/d1/best-practices/retry-queries
const ofD1 = /Network connection lost|storage caused object to be reset|reset because its code was updated/

const says = (error: unknown, property: string) => error instanceof Error && Reflect.get(error, property) === true

/** Whether a fault of a Durable Object or of D1 passes by itself, by the platform's own words. */
export const isTransient = (error: unknown) =>
  says(error, 'retryable') ||
  says(error, 'overloaded') ||
  says(error, 'durableObjectReset') ||
  (error instanceof Error && error.message.startsWith('D1_') && ofD1.test(error.message))

/** Whether an idempotent call may be made again at once; never to what is overloaded. */
const mayRepeat = (error: unknown) => isTransient(error) && !says(error, 'overloaded')

export interface Retries {
  attempts: number
  /** Before the second attempt; it doubles from one to the next, and half of each is chance. */
  pauseMs: number
}

/** A Durable Object that was reset takes a call to a new stub at once. */
export const objectCallRetries: Retries = { attempts: 3, pauseMs: 0 }

/** The platform itself repeats only reads of D1. */
export const d1WriteRetries: Retries = { attempts: 4, pauseMs: 100 }

/** Makes an idempotent call, and makes it again after a transient fault. */
export async function retry<T>(call: () => Promise<T>, { attempts, pauseMs }: Retries): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call()
    } catch (error) {
      if (attempt >= attempts || !mayRepeat(error)) throw error
      if (pauseMs > 0) await scheduler.wait(pauseMs * 2 ** (attempt - 1) * (0.5 + Math.random() / 2))
    }
  }
}

/** Looks again and again until something is found; null when it is still pending after the last look. */
export async function poll<T>(
  look: () => Promise<T | 'pending'>,
  { looks, pauseMs }: { looks: number; pauseMs: number },
): Promise<T | null> {
  for (let made = 0; made < looks; made++) {
    const found = await look()
    if (found !== 'pending') return found
    await scheduler.wait(pauseMs)
  }
  return null
}
