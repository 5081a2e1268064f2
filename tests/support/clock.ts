import { vi } from 'vitest'

/** Runs `work` with the clock moved ahead, in the worker and in its objects; alarms do not notice. */
export async function later<T>(seconds: number, work: () => Promise<T>): Promise<T> {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + seconds * 1000 })
  try {
    return await work()
  } finally {
    vi.useRealTimers()
  }
}
