/** What opens something, or names somebody, by its looks: refresh tokens and tickets, JWTs, signatures of links, phone numbers. */
const telling = /\b(?:rt|tk)_[\w.-]+|\beyJ[\w-]+\.[\w-]*\.?[\w-]*|(?<=signature=)[\w-]+|(?:\+|%2B)[1-9]\d{6,14}/g

/**
 * One structured line. Never pass a token, a code, a signed URL, a text or a whole phone number; what an error of
 * somebody else's brings along is taken out.
 */
export function log(level: 'info' | 'warn' | 'error', event: string, fields: Record<string, unknown> = {}) {
  console[level](JSON.stringify({ level, event, ...fields }).replaceAll(telling, '…'))
}

/** An error for the log: its name, message and stack. */
export const errorFields = (error: unknown) =>
  error instanceof Error ? { error: error.name, message: error.message, stack: error.stack } : { error: String(error) }
