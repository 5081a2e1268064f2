/**
 * Phone numbers are reassigned after some months. Whoever verifies the number of an account that has been idle for
 * longer is treated as its new holder, who must not read what the former one wrote. A device that still refreshes its
 * tokens shows that the account has its owner, and so does one that presents the last token it had.
 */

/** When any session was last used (epoch milliseconds) if that was at least `idleMs` ago, else null. */
export function idleSince(sql: SqlStorage, idleMs: number, now: number): number | null {
  const { used } = sql.exec<{ used: number | null }>('SELECT max(last_used_at) AS used FROM sessions').one()
  return used !== null && used <= now - idleMs ? used : null
}
