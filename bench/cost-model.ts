import { framesPerRequest, objectGb, prices } from './prices.ts'

/** What one message, or one opening of an app, takes on average. */
export interface Counts {
  /** Requests to the Worker. */
  requests: number
  /** Frames from clients. */
  frames: number
  /** Calls of mailboxes. */
  calls: number
  /** Alarms that rang. */
  alarms: number
  written: number
  read: number
  d1: number
  /** Growth of the mailboxes. */
  bytes: number
}

export interface Figures {
  /** The day, as in 2026-11-30. */
  countedAt: string
  counted: Record<'busy' | 'quiet' | 'http' | 'opening', Counts>
  /** Processor time per operation in milliseconds: of the benchmark, at 16 connections. */
  cpuMs: Record<'send' | 'changes' | 'noop', number>
}

/** Where figures cannot be measured outside of Cloudflare. */
export const assumed = { awakeMsPerCall: 50, awakeMsPerFrame: 10 }

/** Dollars for a million, by what is billed. */
export interface Bill {
  rowsWritten: number
  rowsRead: number
  workerRequests: number
  workerCpu: number
  objectRequests: number
  objectTime: number
}

/** The bill for a million of something, of which each takes so much. */
export function billOf(counts: Counts, cpuMs: number): Bill {
  const { requests, frames, calls, alarms, written, read } = counts
  const awakeMs = (calls + alarms) * assumed.awakeMsPerCall + frames * assumed.awakeMsPerFrame
  return {
    rowsWritten: written * prices.rowsWritten,
    rowsRead: read * prices.rowsRead,
    workerRequests: requests * prices.workerRequests,
    workerCpu: cpuMs * prices.workerCpuMs,
    objectRequests: (calls + alarms + frames / framesPerRequest) * prices.objectRequests,
    objectTime: (awakeMs / 1_000) * objectGb * prices.objectGbSeconds,
  }
}

export const totalOf = (bill: Bill) => Object.values(bill).reduce((sum: number, part: number) => sum + part, 0)

/** What people do, in a month of 30 days. */
export const habits = {
  dailyUsers: 1_000,
  monthlyUsers: 2_000,
  days: 30,
  sentPerDay: 40,
  quietShare: 0.25,
  openingsPerDay: 12,
  pollSeconds: 5,
  openMinutesPerDay: 60,
}

/** Rows that one message would write if everything was in D1, in a copy that both users share. */
export const d1Rows = { message: 1, indexes: 2, search: 1, chats: 2, 'read mark, for both': 2 }

const million = 1_000_000
const gb = 1e9

export function monthOf({ counted, cpuMs }: Figures) {
  const { dailyUsers, days, sentPerDay, quietShare, openingsPerDay } = habits
  const messages = (dailyUsers * days * sentPerDay) / million
  const openings = (dailyUsers * days * openingsPerDay) / million
  const busy = totalOf(billOf(counted.busy, 0))
  const quiet = totalOf(billOf(counted.quiet, 0))
  const storedGb = (12 * messages * million * counted.busy.bytes) / gb
  return {
    messages,
    openings,
    messaging: messages * ((1 - quietShare) * busy + quietShare * quiet),
    opening: openings * totalOf(billOf(counted.opening, 4 * cpuMs.changes)),
    storedGb,
    storage: storedGb * prices.objectStorage,
  }
}

/** The same month with everything in D1: nothing can be pushed, so that apps poll while they are open. */
export function d1MonthOf(figures: Figures) {
  const { counted, cpuMs } = figures
  const { dailyUsers, days, pollSeconds, openMinutesPerDay } = habits
  const { messages, openings, storedGb } = monthOf(figures)
  const polls = (dailyUsers * days * openMinutesPerDay * 60) / pollSeconds / million
  const rows = Object.values(d1Rows).reduce((sum, one) => sum + one, 0)
  const call = prices.workerRequests + cpuMs.noop * prices.workerCpuMs
  return {
    polls,
    rows,
    messaging: messages * (rows * prices.rowsWritten + 2 * call),
    opening: openings * (2 * call + counted.opening.written * prices.rowsWritten),
    polling: polls * (call + prices.rowsRead),
    // One copy instead of two.
    storage: (storedGb / 2) * prices.d1Storage,
  }
}
