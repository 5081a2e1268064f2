import { runInDurableObject } from 'cloudflare:test'
import { stubOf } from './delivery-faults'

/** Everything in the tables of a mailbox, as JSON. */
export const contentOf = ({ id }: { id: string }): Promise<string> =>
  runInDurableObject(stubOf(id), (_, { storage: { sql } }) => {
    const tables = sql
      .exec<{ name: string }>(`SELECT name FROM sqlite_master WHERE type = 'table' AND substr(name, 1, 3) <> '_cf'`)
      .toArray()
    return JSON.stringify(tables.map(({ name }) => [name, sql.exec(`SELECT * FROM ${name}`).toArray()]))
  })
