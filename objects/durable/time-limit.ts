/** What the promise gives, or an error with this message once the time is up. What is under way is not stopped. */
export async function timeLimit<T>(promise: Promise<T>, ms: number, message: string): Promise<T> {
  // A timer that is not cleared holds the object in memory.
  let timer: ReturnType<typeof setTimeout> | undefined
  const passed = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(message)), ms)
  })
  return Promise.race([promise, passed]).finally(() => clearTimeout(timer))
}

/** Waits until the promise has settled or the time is up, whichever is first. Never rejects. */
export const waitAtMost = (ms: number, promise: Promise<unknown>): Promise<void> =>
  timeLimit(promise, ms, '').then(
    () => {},
    () => {},
  )
