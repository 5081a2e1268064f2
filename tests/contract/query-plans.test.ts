import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeAll, expect, test } from 'vitest'
import { migrate } from '../../objects/durable/migrate'
import { migrations as groupMigrations } from '../../objects/group/tables/migrations'
import { migrations } from '../../objects/mailbox/tables/migrations'
import { schema } from '../../objects/mailbox/tables/schema'
import { broadRun } from '../support/broad-run'
import { stubOf } from '../support/delivery-faults'
import { type Executed, type Recorded, recordStatements, statementsIn } from '../support/statements'

/** Each statement that may read a whole table or sort what it has read, by its beginning, and why. */
const allowed: Record<string, string> = {
  "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'migrations'": 'as many rows as there are tables',
  "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'tombstone'": 'as many rows as there are tables',
  'SELECT seq FROM tombstone': 'holds one row',
  'SELECT id FROM migrations': 'one row per migration, once per wake',
  'SELECT * FROM alarm_jobs': 'one row per job, once per wake',
  'SELECT * FROM chats': 'held in memory by design: read at most once per wake; by the alarm, only what is pending',
  'SELECT max(seq) AS greatest FROM chats':
    'once per wake: chats have no index, which would cost a row for each message',
  'SELECT sends_left AS "left"': 'once per wake, for the same reason',
  'SELECT key, value FROM meta': 'held in memory by design: read once per wake',
  'SELECT * FROM groups': 'held in memory by design: read once per wake',
  'SELECT * FROM facts': 'one row, read once per wake of a group',
  'SELECT * FROM members': 'held in memory by design: read once per wake of a group',
  'SELECT message_id, after_id FROM blanked_quotes LIMIT 1': 'reads one row',
  'SELECT count(*) AS seen,': 'reads what a limited subquery has read',
  'SELECT * FROM blocks': 'held in memory by design: read once per wake',
  'SELECT * FROM sessions INDEXED BY live_sessions': 'at most as many as may be live at once',
  'SELECT max(last_used_at) AS used FROM sessions': 'once per sign-in, one row per sign-in, which budgets bound',
  'SELECT coalesce(max(seq), 0) AS last FROM contacts': 'reads the end of an index',
  'SELECT coalesce(max(seq), 0) AS last FROM sessions': 'reads the end of an index',
  'SELECT * FROM quote_blankings LIMIT 1': 'reads one row',
  'WITH RECURSIVE visited (first, step) AS': 'reads what it has found itself, up to a limit',
  'SELECT * FROM clearings LIMIT 1': 'reads one row',
  'SELECT bytes, files FROM file_totals': 'holds one row',
  'SELECT contacts FROM contact_totals': 'holds one row',
  'DELETE FROM watchers WHERE until <= ?': 'followed by telling every watcher',
  'SELECT user_id FROM watchers': 'every watcher is told',
  'DELETE FROM tickets WHERE expires_at <= ?':
    'tickets of the last seconds: each new one deletes those that have expired',
  'UPDATE files INDEXED BY files_in_profile': 'the profile picture, and the one before',
  "UPDATE files SET state = 'removing', avatar = content_type IN": 'once, when an account ends: all of its files go',
  'INSERT INTO lookups (hash) SELECT DISTINCT value': 'sorts the numbers of one request',
  'INSERT OR IGNORE INTO otp_sends': 'sorts the sends of a day to one number, prefix or network',
  'SELECT (SELECT max(sent_at) +': 'sorts the sends of a day to one number, prefix or network',
  'DELETE FROM known_networks WHERE number_key = ?1 AND network_key NOT IN': 'sorts the networks of one number',
  'SELECT id, reported_id, reason, comment,': 'sorts the reports of one user',
  'SELECT * FROM verifications WHERE phone_number = ? AND purpose = ?': 'sorts the verifications of one number',
}

const [objectStatements, d1Statements] = [
  import.meta.glob(['../../objects/**/*.ts', '!../../objects/**/migrations.ts'], {
    query: '?raw',
    import: 'default',
    eager: true,
  }),
  import.meta.glob(['../../repositories/*.ts'], { query: '?raw', import: 'default', eager: true }),
].map(statementsIn)

let recorded: Recorded

beforeAll(async () => {
  recorded = await recordStatements()
  await broadRun().finally(() => recorded.stop())
}, 120_000)

const partsOf = () => [
  { statements: objectStatements ?? [], executed: recorded.mailbox },
  { statements: d1Statements ?? [], executed: recorded.d1 },
]

/** What the sources spell out; tests have statements of their own. */
const ofSources = ({ statements, executed }: ReturnType<typeof partsOf>[number]): Executed[] =>
  executed.filter(({ text }) => statements.some(({ pattern }) => pattern.test(text)))

type Step = { detail: string }

const stepsWith = (name: string, tables: Parameters<typeof migrate>[1], { text, values }: Executed) =>
  runInDurableObject(stubOf(name), (_, { storage }) => {
    migrate(storage, tables, 0)
    storage.sql.exec('CREATE TABLE IF NOT EXISTS tombstone (erased_at INTEGER NOT NULL, seq INTEGER)')
    try {
      return storage.sql.exec<Step>(`EXPLAIN QUERY PLAN ${text}`, ...(values as SqlStorageValue[])).toArray()
    } catch {
      return null
    }
  })

/** Mailboxes and groups have tables of the same name, and statements fit one or the other, or both. */
async function stepsInObject(executed: Executed): Promise<Step[]> {
  const plans = [
    await stepsWith('usr_plans', { migrations, schema }, executed),
    await stepsWith('usr_group_plans', { migrations: groupMigrations }, executed),
  ].filter((plan) => plan !== null)
  expect(plans.length, executed.text).toBeGreaterThan(0)
  return plans.flat()
}

const stepsInD1 = async ({ text, values }: Executed) => {
  const statement = env.DB.prepare(`EXPLAIN QUERY PLAN ${text}`)
  return (await statement.bind(...values).all<Step>()).results
}

const isBounded = (step: string) =>
  /^SCAN (CONSTANT ROW|\(subquery-\d+\)|\w+( EXISTS)? VIRTUAL TABLE INDEX \d+:.*)$/.test(step)

/**
 * A whole table, by itself or in the order of an index; an index made for one statement; a sort. A search that names no
 * columns is one for the least or the greatest value, and may read everything, too.
 */
const isCostly = (step: string) => /^SCAN |^SEARCH [^(]*$|AUTOMATIC|TEMP B-TREE/.test(step) && !isBounded(step)

test('every statement that an object or D1 can execute was executed here', () => {
  const missing = partsOf().flatMap(({ statements, executed }) => {
    expect(statements.length).toBeGreaterThan(50)
    return statements.filter(({ pattern }) => !executed.some(({ text }) => pattern.test(text)))
  })
  expect(missing.map(({ file, text }) => `${file}: ${text}`)).toEqual([])
})

test('no statement reads a whole table, or sorts one, but for those that say why', async () => {
  const [objects = [], d1 = []] = partsOf().map(ofSources)
  const costly = new Map<string, string[]>()
  for (const [all, stepsOf] of [
    [objects, stepsInObject],
    [d1, stepsInD1],
  ] as const)
    for (const executed of all) {
      const steps = (await stepsOf(executed)).map(({ detail }) => detail).filter(isCostly)
      if (steps.length > 0) costly.set(executed.text, steps)
    }
  const reasons = Object.keys(allowed)
  const unexplained = [...costly].filter(([text]) => !reasons.some((beginning) => text.startsWith(beginning)))
  expect(unexplained).toEqual([])
  const idle = reasons.filter((beginning) => ![...costly.keys()].some((text) => text.startsWith(beginning)))
  expect(idle, 'reasons that nothing needs').toEqual([])
})

test('no statement of an object is compiled again for each limit that it is given', () => {
  const compiled = (objectStatements ?? []).filter(({ text }) => /\bLIMIT \?(?! \+ 0)/.test(text))
  expect(compiled.map(({ file, text }) => `${file}: ${text}`)).toEqual([])
  expect((objectStatements ?? []).filter(({ text }) => text.includes('LIMIT ? + 0')).length).toBeGreaterThan(5)
})
