import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe, expect, test } from 'vitest'
import { migrate } from '../../objects/durable/migrate'
import { migrations } from '../../objects/mailbox/tables/migrations'

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
      migrate(storage, migrations, Date.now())
      return storage.sql.exec<Table>(schema).toArray()
    })
    expect(tables.length).toBeGreaterThan(0)
    expect(describedUnder('A mailbox')).toEqual(tables)
  })
})
