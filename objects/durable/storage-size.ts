/** How long a size counts as known, and how much an object can grow meanwhile. */
const knownMs = 1_000
const growthMax = 128 * 1024 * 1024

/** How much the storage of an object holds. To ask is a statement, so far from a limit it is asked once a second. */
export class StorageSize {
  readonly #sql: SqlStorage
  #bytes = 0
  #askedAt = 0

  constructor(sql: SqlStorage) {
    this.#sql = sql
  }

  isAtLeast(limit: number): boolean {
    const now = Date.now()
    if (this.#bytes + growthMax >= limit || Math.abs(now - this.#askedAt) >= knownMs) {
      this.#bytes = this.#sql.databaseSize
      this.#askedAt = now
    }
    return this.#bytes >= limit
  }
}
