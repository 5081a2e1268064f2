import type { Cache } from '../../durable/unit-of-work'

/** The single values of a mailbox, as text by key: the table `meta`, read once after each wake and kept in memory. */
export class KeyValues implements Cache {
  readonly #sql: SqlStorage
  #values: Map<string, string> | undefined

  constructor(sql: SqlStorage) {
    this.#sql = sql
  }

  read(key: string): string | undefined {
    return this.#load().get(key)
  }

  write(key: string, value: string) {
    if (this.read(key) === value) return
    this.#sql.exec(
      'INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
      key,
      value,
    )
    this.#load().set(key, value)
  }

  remove(key: string) {
    if (this.#load().delete(key)) this.#sql.exec('DELETE FROM meta WHERE key = ?', key)
  }

  forget() {
    this.#values = undefined
  }

  #load(): Map<string, string> {
    this.#values ??= new Map(
      this.#sql
        .exec<{ key: string; value: string }>('SELECT key, value FROM meta')
        .toArray()
        .map(({ key, value }) => [key, value]),
    )
    return this.#values
  }
}
