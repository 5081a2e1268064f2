/** Formats epoch milliseconds as RFC 3339 in UTC with milliseconds, the only form of a time on the wire. */
export const toTimestamp = (ms: number): string => new Date(ms).toISOString()

export const toTimestampOrNull = (ms: number | null): string | null => (ms === null ? null : toTimestamp(ms))
