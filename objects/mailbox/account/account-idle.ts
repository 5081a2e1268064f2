/**
 * Numbers are given to new owners after some months. Whoever proves the number of an account that nobody has used for
 * longer is taken for such a one: they must not read what the former owner wrote. A device that still renews its tokens
 * shows that the account has its owner, and so does one that brings the last token it had.
 */

/** When any session was last used (epoch milliseconds), if that is longer ago than `idleMs`; else null. */
export function idleSince(sql: SqlStorage, idleMs: number, now: number): number | null {
  const { used } = sql.exec<{ used: number | null }>('SELECT max(last_used_at) AS used FROM sessions').one()
  return used !== null && used <= now - idleMs ? used : null
}
