import * as expiredRows from '../../../repositories/expired-rows'
import { events } from '../../core/events'
import { limits } from '../../core/limits'
import { readConfig } from '../../settings/config'

/**
 * Deletes what has expired from D1, slice by slice, up to a bound for each table; the next hour continues. Anything can
 * be repeated. A table that fails is logged and holds back no other.
 */
export async function purgeExpired(env: Env, now: number): Promise<void> {
  const reportSeconds = readConfig(env).REPORT_SECONDS
  for (const table of expiredRows.tables) {
    try {
      const rows = await purgeTable(env.DB, table, now, reportSeconds)
      if (rows > 0) events.purged({ table, rows })
    } catch (error) {
      events.purgeFailed({ table, error })
    }
  }
}

async function purgeTable(db: D1Database, table: string, now: number, reportSeconds: number): Promise<number> {
  let rows = 0
  for (let slice = 0; slice < limits.expiredSlicesMax; slice++) {
    const deleted = await expiredRows.deleteSlice(db, table, now, reportSeconds)
    rows += deleted
    if (deleted < limits.expiredRowsAtOnce) break
  }
  return rows
}
