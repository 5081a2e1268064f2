// D1 says so only in the error's text: developers.cloudflare.com/d1/best-practices/retry-queries
const ofD1 = /Network connection lost|storage caused object to be reset|reset because its code was updated/

const says = (error: unknown, property: string) => error instanceof Error && Reflect.get(error, property) === true

/** Whether an error of a Durable Object or of D1 is transient, according to the platform. */
export const isTransient = (error: unknown) =>
  says(error, 'retryable') ||
  says(error, 'overloaded') ||
  says(error, 'durableObjectReset') ||
  (error instanceof Error && error.message.startsWith('D1_') && ofD1.test(error.message))

/** Whether an idempotent call can be repeated at once; never a call to something overloaded. */
const mayRepeat = (error: unknown) => isTransient(error) && !says(error, 'overloaded')

export interface Retries {
  attempts: number
  /** The pause before the second attempt. It doubles from one attempt to the next, and half of each pause is random. */
  pauseMs: number
}

/** A Durable Object that was reset accepts a call through a new stub at once. */
export const objectCallRetries: Retries = { attempts: 3, pauseMs: 0 }

/** The platform itself retries only reads of D1. */
export const d1WriteRetries: Retries = { attempts: 4, pauseMs: 100 }

/** Makes an idempotent call, and retries it after a transient failure. */
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

/** Looks repeatedly until the result is no longer pending. Returns null if it is still pending after the last look. */
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
