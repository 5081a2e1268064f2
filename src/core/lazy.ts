/**
 * Returns a function that makes a value on its first call and keeps it. For what takes milliseconds to make, such as
 * segmenters and patterns of large Unicode sets, so that an isolate that does not need it starts without it.
 */
export function lazy<T extends object>(make: () => T): () => T {
  let made: T | undefined
  return () => {
    made ??= make()
    return made
  }
}
