import type { Config } from '../../../src/settings/config'

/** How much of something a user may do: `first` at the beginning, then `perDay` as it comes back, evenly over the day. */
export interface Quota {
  /** The key of its row in the table `budgets`. */
  name: string
  first: number
  perDay: number
}

/** How many messages a user may send: so many at once, which come back at so many a minute. */
export interface SendRate {
  burst: number
  perMinute: number
}

/** What is counted for each user. */
export interface Quotas {
  contactLookups: Quota
  newChats: Quota
  sendRate: SendRate
}

export const quotasOf = (config: Config): Quotas => ({
  contactLookups: { name: 'lookups', first: config.LOOKUPS_FIRST, perDay: config.LOOKUPS_PER_DAY },
  newChats: { name: 'newChats', first: config.NEW_CHATS_PER_DAY, perDay: config.NEW_CHATS_PER_DAY },
  sendRate: { burst: config.SENDS_AT_ONCE, perMinute: config.SENDS_PER_MINUTE },
})
