import { mayRepeat } from '../src/core/transient'

const attempts = 4
const pauseMs = 50

/**
 * Makes an idempotent write to D1, and again after a passing fault: the platform repeats what only reads. The pauses
 * double, and half of each is chance.
 */
export async function repeatWrite<T>(write: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await write()
    } catch (error) {
      if (attempt >= attempts || !mayRepeat(error)) throw error
      await scheduler.wait(pauseMs * 2 ** attempt * (0.5 + Math.random() / 2))
    }
  }
}
