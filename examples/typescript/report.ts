/** Told of errors that are the app's own, thrown by its callbacks and its store: the kit goes on after them. */
export type OnError = (error: unknown) => void

/** As browsers report uncaught errors; elsewhere, on the console. */
export const report: OnError = (error) => {
  if (typeof reportError === 'function') reportError(error)
  else console.error(error)
}

/** The callback, with what it throws, or rejects with, reported instead. */
export const guarded =
  <Args extends unknown[]>(callback: ((...args: Args) => unknown) | undefined, onError: OnError = report) =>
  (...args: Args) => {
    const tell = (error: unknown) => {
      try {
        onError(error)
      } catch (another) {
        console.error(error, another)
      }
    }
    try {
      Promise.resolve(callback?.(...args)).catch(tell)
    } catch (error) {
      tell(error)
    }
  }
