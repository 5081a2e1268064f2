import { createScheduledController } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, test } from 'vitest'
import * as expiredRows from '../../repositories/expired-rows'
import { firstIdAt, idTime, mintId } from '../../src/core/ids'
import { limits } from '../../src/core/limits'
import worker from '../../src/index'
import { logged } from '../support/log-watch'

const dayMs = 86_400_000

const runHourly = (overrides: Partial<Env> = {}) =>
  worker.scheduled(createScheduledController(), { ...env, ...overrides })

/** How long a row of each table is kept, and how to add one that is as old as said. */
const tables: Record<string, { keptMs: number; add: (at: number) => D1PreparedStatement }> = {
  otp_checks: {
    keptMs: dayMs,
    add: (at) =>
      env.DB.prepare('INSERT INTO otp_checks VALUES (?, ?, ?)').bind(mintId('verification', at), 'ver_', 'VE'),
  },
  verifications: {
    keptMs: dayMs,
    add: (at) =>
      env.DB.prepare(
        `INSERT INTO verifications (id, phone_number, channel, session_id, candidate_user_id, created_at, expires_at)
         VALUES (?, '+1', 'sms', 'ses_', 'usr_', ?, ?)`,
      ).bind(mintId('verification', at), at, at),
  },
  otp_sends: {
    keptMs: dayMs,
    add: (at) =>
      env.DB.prepare(
        `INSERT INTO otp_sends (id, number_key, prefix_key, network_key, country, channel, trust, sent_at)
         VALUES (?, 'n', 'p', 'w', 'PT', 'sms', 0, ?)`,
      ).bind(mintId('verification', at), at),
  },
  otp_challenges: {
    keptMs: limits.otpLifetimeSeconds * 1000,
    add: (at) =>
      env.DB.prepare('INSERT INTO otp_challenges VALUES (?, ?, 1, 0, ?)').bind(crypto.randomUUID(), 'VE', at),
  },
  known_networks: {
    keptMs: 180 * dayMs,
    add: (at) =>
      env.DB.prepare('INSERT INTO known_networks VALUES (?, ?, ?, ?)').bind('n', crypto.randomUUID(), 'p', at),
  },
  reports: {
    keptMs: 180 * dayMs,
    add: (at) =>
      env.DB.prepare(
        `INSERT INTO reports (id, reason, evidence, bytes, created_at) VALUES (?, 'spam', '[]', 0, ?)`,
      ).bind(mintId('report', at), at),
  },
  reported_messages: {
    keptMs: 180 * dayMs,
    add: (at) =>
      env.DB.prepare(
        `INSERT INTO reported_messages (report_id, message_id, by_reporter, text, file_ids, created_at, reported_at)
         VALUES (?, ?, 1, 'x', '[]', 0, ?)`,
      ).bind(mintId('report', 0), mintId('message', 0), at),
  },
}

const count = async (table: string) =>
  (await env.DB.prepare(`SELECT count(*) AS rows FROM ${table}`).first<{ rows: number }>())?.rows

const counts = async () =>
  Object.fromEntries(await Promise.all(Object.keys(tables).map(async (t) => [t, await count(t)])))

const everyTable = (rows: number) => Object.fromEntries(Object.keys(tables).map((table) => [table, rows]))

const linesOf = (event: string, from: number) =>
  logged()
    .slice(from)
    .map((line) => JSON.parse(line))
    .filter((line) => line.event === event)

beforeEach(() => env.DB.batch(Object.keys(tables).map((table) => env.DB.prepare(`DELETE FROM ${table}`))))

describe('the hourly run', () => {
  test('covers every table whose rows lose their worth by time', () => {
    expect(expiredRows.tables.toSorted()).toEqual(Object.keys(tables).toSorted())
  })

  test('deletes what is past its time in every table, and nothing younger, without any traffic', async () => {
    const now = Date.now()
    const ages = [-60_000, 60_000, dayMs]
    await env.DB.batch(Object.values(tables).flatMap(({ keptMs, add }) => ages.map((age) => add(now - keptMs - age))))
    expect(await counts()).toEqual(everyTable(3))
    const from = logged().length
    for (const _ of [1, 2]) {
      await runHourly()
      expect(await counts()).toEqual(everyTable(1))
    }
    const purged = linesOf('purged', from)
    expect(purged.map(({ table, rows }) => [table, rows]).toSorted()).toEqual(
      Object.keys(tables)
        .toSorted()
        .map((table) => [table, 2]),
    )
  })

  test('keeps a report for as long as the settings say', async () => {
    const now = Date.now()
    const { reports } = tables
    await env.DB.batch([1, 3].flatMap((days) => reports?.add(now - days * dayMs) ?? []))
    await runHourly({ REPORT_SECONDS: String(2 * 86_400) } as Partial<Env>)
    const { results } = await env.DB.prepare('SELECT id FROM reports').all<{ id: string }>()
    expect(results.map(({ id }) => now - idTime(id))).toEqual([dayMs])
  })

  test('deletes a bounded number of rows, and the next hour continues', async () => {
    const most = limits.expiredRowsAtOnce * limits.expiredSlicesMax
    const expired = most + 100
    await env.DB.prepare(
      `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
       INSERT INTO otp_checks SELECT ? || printf('%06d', i), 'ver_', 'VE' FROM n`,
    )
      .bind(expired, firstIdAt('verification', 0))
      .run()
    await runHourly()
    expect(await count('otp_checks')).toBe(100)
    await runHourly()
    expect(await count('otp_checks')).toBe(0)
  })

  test('finds every row that it deletes by an index', async () => {
    for (const table of expiredRows.tables) {
      const plans: string[] = []
      const db = new Proxy(env.DB, {
        get: (target, name) =>
          name === 'prepare'
            ? (query: string) => {
                const explained = target.prepare(`EXPLAIN QUERY PLAN ${query}`)
                return {
                  bind: (...values: unknown[]) => ({
                    run: async () => {
                      const { results } = await explained.bind(...values).all<{ detail: string }>()
                      plans.push(...results.map(({ detail }) => detail))
                      return { meta: { changes: 0 } }
                    },
                  }),
                }
              }
            : Reflect.get(target, name),
      })
      await expiredRows.deleteSlice(db, table, Date.now(), 86_400)
      expect(plans.join(), table).toMatch(/SEARCH .*<\?\)/)
      expect(
        plans.filter((detail) => detail.startsWith('SCAN')),
        table,
      ).toEqual([])
    }
  })

  test('logs a failure of D1, holds back no other table, and the next hour makes up for it', async () => {
    const now = Date.now()
    await env.DB.batch(Object.values(tables).map(({ keptMs, add }) => add(now - keptMs - dayMs)))
    const failing = (isMeant: (query: string) => boolean) =>
      new Proxy(env.DB, {
        get: (target, name) =>
          name === 'prepare'
            ? (query: string) => {
                if (isMeant(query)) throw new Error('D1_ERROR: Network connection lost.')
                return target.prepare(query)
              }
            : Reflect.get(target, name),
      })
    let from = logged().length
    await runHourly({ DB: failing(() => true) })
    expect(await counts()).toEqual(everyTable(1))
    expect(linesOf('purge_failed', from).map(({ table }) => table)).toEqual(expiredRows.tables)
    from = logged().length
    await runHourly({ DB: failing((query) => query.includes('FROM verifications')) })
    expect(await counts()).toEqual({ ...everyTable(0), verifications: 1 })
    expect(linesOf('purge_failed', from)).toMatchObject([{ table: 'verifications', error: 'Error' }])
    await runHourly()
    expect(await counts()).toEqual(everyTable(0))
  })
})
