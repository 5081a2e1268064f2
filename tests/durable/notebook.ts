import { DurableObject } from 'cloudflare:workers'
import { AlarmSchedule } from '../../objects/durable/alarm-schedule'
import { hasMigrations, migrate } from '../../objects/durable/migrate'
import { RowCache } from '../../objects/durable/row-cache'
import { Sequence } from '../../objects/durable/sequence'
import { UnitOfWork } from '../../objects/durable/unit-of-work'

const table = { table: 'notes', key: 'id', columns: ['id', 'seq'], isLarge: false } as const
const migrations = [
  `CREATE TABLE notes (id TEXT PRIMARY KEY, seq INTEGER NOT NULL) WITHOUT ROWID;
   CREATE TABLE printed (id TEXT PRIMARY KEY, copies INTEGER NOT NULL) WITHOUT ROWID`,
]
/** An object other than the mailbox on the same kernel: it stores each note once, and its alarm prints them. */
export class Notebook extends DurableObject {
  readonly #sql = this.ctx.storage.sql
  readonly #unit = new UnitOfWork(this.ctx.storage)
  readonly #notes = this.#unit.cache(new RowCache<{ id: string; seq: number }>(this.#sql, table))
  readonly #sequence = this.#unit.cache(new Sequence([() => this.#notes.greatest('seq')]))
  readonly #alarm = this.#unit.cache(new AlarmSchedule(this.ctx, () => [this.#printing]))
  readonly #printing = {
    name: 'printing',
    due: () => (this.#unprinted() ? Date.now() : null),
    run: () => this.#unit.run(() => void this.#sql.exec('INSERT INTO printed VALUES (?, 1)', this.#unprinted()?.id)),
  }
  readonly #unprinted = () =>
    this.#notes.all().find(({ id }) => this.#sql.exec('SELECT 1 FROM printed WHERE id = ?', id).next().done)

  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    super(ctx, env)
    ctx.blockConcurrencyWhile(async () => {
      if (!hasMigrations(this.#sql)) migrate(ctx.storage, { migrations }, Date.now())
      await this.#alarm.load()
      this.#alarm.arm()
    })
  }

  /** Stores a note once, however often called, and returns its number. A torn one fails halfway and stores nothing. */
  write(id: string, { torn }: { torn: boolean }): number | 'torn' {
    try {
      return this.#unit.run(() => {
        const { seq } = this.#notes.find(id) ?? this.#notes.save({ id, seq: this.#sequence.take() })
        this.#alarm.wakeBy(Date.now() + 60_000)
        if (torn) throw new Error('The page is torn')
        return seq
      })
    } catch {
      return 'torn'
    }
  }

  read() {
    return { notes: this.#notes.all(), printed: this.#sql.exec('SELECT * FROM printed ORDER BY id').toArray() }
  }

  override async alarm() {
    await this.#alarm.ring()
  }
}
