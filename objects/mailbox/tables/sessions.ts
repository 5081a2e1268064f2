import type { Session, SessionChange } from '../../../schemas/session'
import type { Place } from '../../../src/core/edge'
import { events } from '../../../src/core/events'
import { toTimestamp } from '../../../src/core/timestamp'
import type { DurableContext } from '../../durable/context'
import type { Cache } from '../../durable/unit-of-work'

/**
 * The owner's devices. A row outlives its session, stripped of everything personal: it keeps a repeated sign-in from
 * reviving the session, carries the number of the change that tells followers of its end, and records when the account
 * was last used. The row of an expired session still knows its last token, by which a device shows that it belonged to
 * the owner.
 */
export type SessionRow = {
  id: string
  seq: number
  /** The number of the change that started the session. A client that has not reached it has never held the session. */
  first_seq: number
  device_name: string | null
  platform: string | null
  country: string | null
  city: string | null
  network: string | null
  created_at: number
  last_used_at: number
  /**
   * The last use as shown. It follows the actual one in large steps, because each step is a change for every device.
   */
  shown_used_at: number
  step: number
  secret_hash: string
  chain_key: string
  /**
   * The step whose first use `used_at` tells (epoch milliseconds), or null if it was not used yet. If it is not the current
   * one, that was issued by a version that does not track its use: it counts as used when it was issued.
   */
  tracked_step: number | null
  used_at: number | null
  recent_steps: string
  ended_at: number | null
}

/** How long a session lives when unused, and in total, in milliseconds. */
export interface SessionLifetimes {
  idleMs: number
  absoluteMs: number
  /** Sessions that began before then (epoch milliseconds) were all ended by the operator. */
  notBefore: number
}

/** Why a session ends, for the log; `by` is the session that ended it. */
export interface SessionEnding {
  reason:
    | 'logout'
    | 'ended_by_other_session'
    | 'refresh_token_reused'
    | 'too_many_sessions'
    | 'expired'
    | 'revoked'
    | 'phone_number_changed'
    | 'account_deleted'
  by?: string
}

export const isRevoked = (row: SessionRow, { notBefore }: SessionLifetimes) => row.created_at < notBefore

export const expiresAt = (row: SessionRow, lifetimes: SessionLifetimes) =>
  isRevoked(row, lifetimes)
    ? row.created_at
    : Math.min(row.last_used_at + lifetimes.idleMs, row.created_at + lifetimes.absoluteMs)

/** The first token has replaced none, so nobody asks when it is first used. */
const firstStep = { step: 0, tracked_step: null, used_at: null }

type Begun = Place & Pick<SessionRow, 'id' | 'device_name' | 'platform' | 'secret_hash' | 'chain_key'>

type Ending = DurableContext & { userId: string; sessionHash: (sessionId: string) => string }

/**
 * The table of sessions. Those that have not ended are read once after each wake and kept in memory, because every call
 * asks for one of them.
 */
export class SessionRows implements Cache {
  readonly #sql: SqlStorage
  #unended: Map<string, SessionRow> | undefined

  constructor(sql: SqlStorage) {
    this.#sql = sql
  }

  /** A session that has not ended. It can have expired. */
  findUnended(sessionId: string): SessionRow | undefined {
    return this.#load().get(sessionId)
  }

  /** A session, ended or not. */
  find(sessionId: string): SessionRow | undefined {
    return (
      this.findUnended(sessionId) ??
      this.#sql.exec<SessionRow>('SELECT * FROM sessions WHERE id = ?', sessionId).toArray()[0]
    )
  }

  /** Sessions that have not ended, most recently used first. */
  unended(): SessionRow[] {
    return [...this.#load().values()].sort((a, b) => b.last_used_at - a.last_used_at || (a.id < b.id ? 1 : -1))
  }

  insert(context: DurableContext, begun: Begun): SessionRow {
    const rows = this.#load()
    const seq = context.sequence.take()
    const at = { created_at: context.now, last_used_at: context.now, shown_used_at: context.now }
    const row: SessionRow = {
      ...begun,
      ...at,
      seq,
      first_seq: seq,
      ...firstStep,
      recent_steps: '[]',
      ended_at: null,
    }
    const columns = Object.keys(row)
    this.#sql.exec(
      `INSERT INTO sessions (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`,
      ...Object.values(row),
    )
    rows.set(row.id, row)
    return row
  }

  /** Updates only the given columns of a row, so that an index is written only for a new number. */
  update(id: string, columns: Partial<Omit<SessionRow, 'id'>>) {
    const assignments = Object.keys(columns).map((column) => `${column} = ?`)
    this.#sql.exec(`UPDATE sessions SET ${assignments.join(', ')} WHERE id = ?`, ...Object.values(columns), id)
    const rows = this.#load()
    const row = rows.get(id)
    if (!row) return
    const updated = { ...row, ...columns }
    if (updated.ended_at === null) rows.set(id, updated)
    else rows.delete(id)
  }

  end(context: Ending, id: string, { reason, by }: SessionEnding) {
    this.update(id, {
      seq: context.sequence.take(),
      ended_at: context.now,
      device_name: null,
      platform: null,
      country: null,
      city: null,
      network: null,
      recent_steps: '[]',
      ...(reason !== 'expired' && { secret_hash: '', chain_key: '' }),
    })
    const { userId, sessionHash } = context
    const named = { userId, session: sessionHash(id), reason, ...(by && { by: sessionHash(by) }) }
    context.afterCommit(() => events.sessionEnded(named))
  }

  forget() {
    this.#unended = undefined
  }

  #load(): Map<string, SessionRow> {
    this.#unended ??= new Map(
      this.#sql
        .exec<SessionRow>('SELECT * FROM sessions INDEXED BY live_sessions WHERE ended_at IS NULL')
        .toArray()
        .map((row) => [row.id, row]),
    )
    return this.#unended
  }
}

/** At least `limit` of those that changed after a number, if there are so many: all with the number of the last one. */
export const changedAfter = (sql: SqlStorage, after: number, limit: number): SessionRow[] =>
  sql
    .exec<SessionRow>(
      // Ends are told of such sessions only as a client that has got to `after` can hold.
      `WITH changed AS (SELECT * FROM sessions WHERE seq > ?1 AND (ended_at IS NULL OR first_seq <= ?1))
       SELECT * FROM changed
       WHERE seq <= coalesce((SELECT seq FROM changed ORDER BY seq LIMIT 1 OFFSET ?2), ?3) ORDER BY seq`,
      after,
      limit - 1,
      Number.MAX_SAFE_INTEGER,
    )
    .toArray()

export const toSession = (row: SessionRow, currentId: string): Session => ({
  id: row.id,
  deviceName: row.device_name,
  platform: row.platform as Session['platform'],
  country: row.country,
  city: row.city,
  network: row.network,
  createdAt: toTimestamp(row.created_at),
  lastUsedAt: toTimestamp(row.shown_used_at),
  current: row.id === currentId,
})

/** A row as shown to a client that follows the changes. */
export const toSessionChange = (row: SessionRow, currentId: string): SessionChange => ({
  sessionId: row.id,
  session: row.ended_at === null ? toSession(row, currentId) : null,
})

/** The number of the last change of any session, or 0. */
export const greatestSessionSeq = (sql: SqlStorage): number =>
  sql.exec<{ last: number }>('SELECT coalesce(max(seq), 0) AS last FROM sessions').one().last
