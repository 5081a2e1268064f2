/** Recognized by their form: refresh tokens and tickets, ids of sessions, JWTs, signatures of links, phone numbers. */
const secretsAndPhoneNumbers =
  /\b(?:rt|tk)_[\w.-]+|\bses_\w+|\beyJ[\w-]+\.[\w-]*\.?[\w-]*|(?<=signature=)[\w-]+|(?:\+|%2B)[1-9]\d{6,14}/g

export type Level = 'info' | 'warn' | 'error'

type Fields = Record<string, unknown>

const line = (level: Level, event: string, fields: Fields) => JSON.stringify({ level, event, ...fields })

/** A text of somebody else's, with anything replaced that looks like a secret or a phone number. */
export const withoutSecrets = (text: string) => text.replaceAll(secretsAndPhoneNumbers, '…')

/**
 * Writes one line of JSON. Only `events.ts` calls it. What went wrong might quote secrets and phone numbers of somebody
 * else's, so they are replaced; the fields of everything else are all our own.
 */
export function log(level: Level, event: string, fields: Fields) {
  const text = line(level, event, fields)
  console[level](level === 'info' ? text : withoutSecrets(text))
}

/** The fields of an error for the log: its name, message, and stack. */
export const errorFields = (error: unknown) =>
  error instanceof Error ? { error: error.name, message: error.message, stack: error.stack } : { error: String(error) }
