/**
 * Numbers every change that the owner of the mailbox can see. The rows that carry the numbers are never deleted, so the
 * last one is the maximum over them and is stored nowhere else.
 */
export class Sequence {
  readonly #sql: SqlStorage
  readonly #heads: () => { seq: number }[]
  #last: number | undefined

  /** `heads` gives the rows that are in memory already. */
  constructor(sql: SqlStorage, heads: () => { seq: number }[]) {
    this.#sql = sql
    this.#heads = heads
  }

  /** The number of the last change. */
  get last(): number {
    this.#last ??= this.#heads().reduce((greatest, { seq }) => Math.max(greatest, seq), this.#lastElsewhere())
    return this.#last
  }

  #lastElsewhere(): number {
    return this.#sql
      .exec<{ last: number }>(
        `SELECT max((SELECT coalesce(max(seq), 0) FROM contacts), (SELECT coalesce(max(seq), 0) FROM sessions),
           coalesce((SELECT json_extract(value, '$.seq') FROM meta WHERE key = 'profile'), 0)) AS last`,
      )
      .one().last
  }

  /** Takes the next number, or the first of several. */
  take(count = 1): number {
    const first = this.last + 1
    this.#last = first + count - 1
    return first
  }

  /** Drops what is in memory; for after a transaction that was rolled back. */
  forget() {
    this.#last = undefined
  }
}
