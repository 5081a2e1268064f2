import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe, expect, test } from 'vitest'
import { migrate } from '../../objects/durable/migrate'
import { migrations as groupMigrations } from '../../objects/group/tables/migrations'
import { migrations } from '../../objects/mailbox/tables/migrations'
import { schema as mailboxSchema } from '../../objects/mailbox/tables/schema'

const files = import.meta.glob(['../../docs/storage.md'], { query: '?raw', import: 'default', eager: true })
const page = files['../../docs/storage.md'] ?? ''

interface Table extends Record<string, string> {
  name: string
  /** In alphabetical order, separated by spaces, like the indexes. */
  columns: string
  indexes: string
}

// Without the tables that SQLite, Wrangler and the platform keep for themselves.
const schema = `
  SELECT tables.name,
    (SELECT group_concat(name, ' ') FROM (SELECT name FROM pragma_table_info(tables.name) ORDER BY name)) AS columns,
    coalesce((SELECT group_concat(name, ' ') FROM (SELECT name FROM sqlite_master AS indexes
      WHERE indexes.type = 'index' AND tbl_name = tables.name AND sql IS NOT NULL ORDER BY name)), '') AS indexes
  FROM sqlite_master AS tables
  WHERE type = 'table' AND name NOT GLOB 'sqlite_*' AND name NOT GLOB '_cf_*' AND name <> 'd1_migrations'
    AND name NOT IN (SELECT name FROM pragma_table_list WHERE type = 'shadow')
  ORDER BY name`

const namesIn = (text: string) =>
  [...text.matchAll(/`(\w+)`/g)]
    .map(([, name]) => name)
    .toSorted()
    .join(' ')

/** Each table has a heading, a table of its columns and, if it has indexes, a list that puts no other names in code. */
const describedUnder = (heading: string): Table[] => {
  const part = page.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? ''
  const tables = part.split('\n### `').slice(1)
  return tables
    .map((text) => {
      const rows = text.split('| columns | meaning |\n')[1]?.split('\n\n')[0] ?? ''
      const lists = text.split('\n\n').filter((block) => block.startsWith('- '))
      return {
        name: text.split('`')[0] ?? '',
        columns: namesIn(rows.replaceAll(/ \| .*$/gm, '')),
        indexes: namesIn(lists.join()),
      }
    })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

describe('docs/storage.md', () => {
  test('describes every table, column and index of D1, and no other', async () => {
    const { results } = await env.DB.prepare(schema).all<Table>()
    expect(results.length).toBeGreaterThan(0)
    expect(describedUnder('D1')).toEqual(results)
  })

  test('describes every table, column and index of a mailbox, and no other', async () => {
    const tables = await runInDurableObject(env.MAILBOX.getByName('usr_storage'), (_, { storage }) => {
      migrate(storage, { migrations }, Date.now())
      return storage.sql.exec<Table>(schema).toArray()
    })
    expect(tables.length).toBeGreaterThan(0)
    expect(describedUnder('A mailbox')).toEqual(tables)
  })
})

test('docs/storage.md describes every table, column and index of a group, and no other', async () => {
  const tables = await runInDurableObject(env.MAILBOX.getByName('usr_group_storage'), (_, { storage }) => {
    migrate(storage, { migrations: groupMigrations }, 0)
    return storage.sql.exec<Table>(schema).toArray()
  })
  expect(tables.length).toBeGreaterThan(5)
  expect(describedUnder('A group')).toEqual(tables)
})

interface Stored {
  columns: unknown
  others: unknown
  rows: unknown
}

const comparable = (value: SqlStorageValue) =>
  value instanceof ArrayBuffer ? Buffer.from(value).toString('hex') : value

/** All of an object: the columns of its tables, its indexes and triggers without white space, and its rows. */
function contentOf({ sql }: DurableObjectStorage): Stored {
  const all = <T extends Record<string, SqlStorageValue>>(text: string) => sql.exec<T>(text).toArray()
  const named = all<{ type: string; name: string; sql: string | null }>(
    `SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE '\\_%' ESCAPE '\\' ORDER BY name`,
  )
  const tables = named.filter(({ type }) => type === 'table').map(({ name }) => name)
  return {
    columns: tables.map((name) => [name, all(`SELECT * FROM pragma_table_xinfo('${name}')`)]),
    others: named
      .filter(({ type }) => type !== 'table')
      .map(({ type, name, sql: text }) => [type, name, text?.replaceAll(/\s+/g, '')]),
    rows: tables.map((name) => [name, all(`SELECT * FROM ${name}`).map((row) => Object.values(row).map(comparable))]),
  }
}

test('a new mailbox has the tables that all migrations together make', async () => {
  const made = (name: string, tables: Parameters<typeof migrate>[1]) =>
    runInDurableObject(env.MAILBOX.getByName(name), (_, { storage }) => {
      migrate(storage, tables, 0)
      return contentOf(storage)
    })
  const migrated = await made('usr_migrated', { migrations })
  expect(JSON.stringify(migrated)).toContain('messages_by_seq')
  expect(await made('usr_new', { migrations, schema: mailboxSchema })).toEqual(migrated)
})
