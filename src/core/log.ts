/** Recognized by their form: refresh tokens and tickets, ids of sessions, JWTs, signatures of links, phone numbers. */
const secretsAndPhoneNumbers =
  /\b(?:rt|tk)_[\w.-]+|\bses_\w+|\beyJ[\w-]+\.[\w-]*\.?[\w-]*|(?<=signature=)[\w-]+|(?:\+|%2B)[1-9]\d{6,14}/g

export type Level = 'info' | 'warn' | 'error'

/**
 * Writes one line of JSON. Only `events.ts` calls it. Errors of libraries and of the platform might quote secrets and
 * phone numbers, so anything that looks like one is replaced.
 */
export function log(level: Level, event: string, fields: Record<string, unknown> = {}) {
  console[level](JSON.stringify({ level, event, ...fields }).replaceAll(secretsAndPhoneNumbers, '…'))
}

/** The fields of an error for the log: its name, message, and stack. */
export const errorFields = (error: unknown) =>
  error instanceof Error ? { error: error.name, message: error.message, stack: error.stack } : { error: String(error) }
