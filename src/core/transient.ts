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
export const mayRepeat = (error: unknown) => isTransient(error) && !says(error, 'overloaded')
