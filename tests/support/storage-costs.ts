import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { AlarmSchedule } from '../../objects/durable/alarm-schedule'

/** Counts every statement that reaches D1 while `work` runs, whoever sends it. */
export async function countD1<T>(work: () => Promise<T>): Promise<{ result: T; statements: number }> {
  const prototype = Object.getPrototypeOf(env.DB)
  const { prepare, exec } = prototype
  let statements = 0
  const counted = (method: (query: string) => unknown) =>
    function (this: unknown, query: string) {
      statements++
      return method.call(this, query)
    }
  Object.assign(prototype, { prepare: counted(prepare), exec: counted(exec) })
  try {
    return { result: await work(), statements }
  } finally {
    Object.assign(prototype, { prepare, exec })
  }
}

/** The query of `ringUntilDelivered`. */
const testsOwn = /AS count FROM chats/

export interface Rows {
  written: number
  read: number
  alarms: number
  /** The part of `written` that keeps the search index. */
  search: number
}

/**
 * Runs `work` while whatever an alarm looks at to find what is due does not count: whether one rings meanwhile depends on
 * the machine. What its jobs then do counts.
 */
async function withoutLooksOfAlarms(work: () => Promise<unknown>, looks: { depth: number }) {
  const { arm, dueJobs } = AlarmSchedule.prototype
  const uncounted = <T>(method: () => T) =>
    function (this: AlarmSchedule): T {
      looks.depth++
      try {
        return method.call(this)
      } finally {
        looks.depth--
      }
    }
  Object.assign(AlarmSchedule.prototype, { arm: uncounted(arm), dueJobs: uncounted(dueJobs) })
  try {
    await work()
  } finally {
    Object.assign(AlarmSchedule.prototype, { arm, dueJobs })
  }
}

/**
 * Counts the rows that all mailboxes write and read while `work` runs, from the cursors' own counters, and the alarms
 * they set, each of which is a row as well; `countsLooks` adds what alarms look at. Needs any mailbox to find the classes of the platform.
 */
export async function countRows(
  userId: string,
  work: () => Promise<unknown>,
  { countsLooks = false } = {},
): Promise<Rows> {
  const stub = env.MAILBOX.get(env.MAILBOX.idFromName(userId))
  const [sql, storage] = await runInDurableObject(stub, (_, state) => [
    Object.getPrototypeOf(state.storage.sql),
    Object.getPrototypeOf(state.storage),
  ])
  const { exec } = sql
  const { setAlarm } = storage
  const cursors: { query: string; cursor: SqlStorageCursor<Record<string, SqlStorageValue>> }[] = []
  let alarms = 0
  const looks = { depth: 0 }
  sql.exec = function (this: SqlStorage, ...input: Parameters<SqlStorage['exec']>) {
    const cursor = exec.apply(this, input)
    if (looks.depth === 0 && !testsOwn.test(input[0])) cursors.push({ query: input[0], cursor })
    return cursor
  }
  storage.setAlarm = function (this: DurableObjectStorage, ...input: Parameters<DurableObjectStorage['setAlarm']>) {
    alarms++
    return setAlarm.apply(this, input)
  }
  try {
    await (countsLooks ? work() : withoutLooksOfAlarms(work, looks))
  } finally {
    Object.assign(sql, { exec })
    Object.assign(storage, { setAlarm })
  }
  const sum = (counter: 'rowsWritten' | 'rowsRead', about = /./) =>
    cursors.filter(({ query }) => about.test(query)).reduce((total, { cursor }) => total + cursor[counter], 0)
  return {
    written: sum('rowsWritten') + alarms,
    read: sum('rowsRead'),
    alarms,
    search: sum('rowsWritten', /\bsearch\b/),
  }
}
