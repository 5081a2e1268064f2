import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { AsyncLocalStorage } from 'node:async_hooks'
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
  /** Statements that were executed. */
  statements: number
  /** Synchronous blocks: what is written in one commits together. */
  blocks: number
}

const inAlarm = new AsyncLocalStorage<true>()

/**
 * Runs `work` while what an alarm does is marked as such, also when it waits: what it looks at to find what is due, and
 * its jobs. Whether one rings meanwhile depends on the machine.
 */
async function withMarkedAlarms(work: () => Promise<unknown>) {
  const { arm, ring } = AlarmSchedule.prototype
  const marked = <T>(method: () => T) =>
    function (this: AlarmSchedule): T {
      return inAlarm.run(true, () => method.call(this))
    }
  Object.assign(AlarmSchedule.prototype, { arm: marked(arm), ring: marked(ring) })
  try {
    await work()
  } finally {
    Object.assign(AlarmSchedule.prototype, { arm, ring })
  }
}

/**
 * Counts the rows that all mailboxes write and read while `work` runs, from the cursors' own counters, and the alarms
 * they set, each of which is a row as well. What an alarm reads does not count, unless `countsAlarms`. With `isAlone`, only
 * what this user's mailbox, or this object, does counts: on a slow machine, those of other tests still write. It must not sleep.
 */
export async function countRows(
  userId: string | DurableObjectStub,
  work: () => Promise<unknown>,
  { countsAlarms = false, isAlone = false } = {},
): Promise<Rows> {
  const stub = typeof userId === 'string' ? env.MAILBOX.get(env.MAILBOX.idFromName(userId)) : userId
  const own = await runInDurableObject(stub, (_, { storage }) => storage)
  const [sql, storage] = await runInDurableObject(stub, (_, state) => [
    Object.getPrototypeOf(state.storage.sql),
    Object.getPrototypeOf(state.storage),
  ])
  const { exec } = sql
  const { setAlarm, transactionSync } = storage
  const cursors: { query: string; isRead: boolean; cursor: SqlStorageCursor<Record<string, SqlStorageValue>> }[] = []
  let alarms = 0
  let blocks = 0
  sql.exec = function (this: SqlStorage, ...input: Parameters<SqlStorage['exec']>) {
    const cursor = exec.apply(this, input)
    const isRead = countsAlarms || inAlarm.getStore() === undefined
    if (!testsOwn.test(input[0]) && (!isAlone || this === own.sql)) cursors.push({ query: input[0], isRead, cursor })
    return cursor
  }
  storage.setAlarm = function (this: DurableObjectStorage, ...input: Parameters<DurableObjectStorage['setAlarm']>) {
    if (!isAlone || this === own) alarms++
    return setAlarm.apply(this, input)
  }
  storage.transactionSync = function <T>(this: DurableObjectStorage, block: () => T) {
    if (!isAlone || this === own) blocks++
    return transactionSync.call(this, block)
  }
  try {
    await withMarkedAlarms(work)
  } finally {
    Object.assign(sql, { exec })
    Object.assign(storage, { setAlarm, transactionSync })
  }
  const sum = (chosen: typeof cursors, counter: 'rowsWritten' | 'rowsRead') =>
    chosen.reduce((total, { cursor }) => total + cursor[counter], 0)
  const search = cursors.filter(({ query }) => /\bsearch_blocks\b/.test(query))
  return {
    written: sum(cursors, 'rowsWritten') + alarms,
    read: sum(
      cursors.filter(({ isRead }) => isRead),
      'rowsRead',
    ),
    alarms,
    search: sum(search, 'rowsWritten'),
    statements: cursors.length,
    blocks,
  }
}
