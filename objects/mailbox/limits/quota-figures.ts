import type { Config } from '../../../src/settings/config'
import type { Rate } from './token-bucket'

/** How much of something a user can do: `first` at the beginning, then `perDay`, which refills evenly over the day. */
export interface Quota {
  /** The key of its row in the table `budgets`. */
  name: string
  first: number
  perDay: number
}

/** What is counted per user. */
export interface Quotas {
  contactLookups: Quota
  newChats: Quota
  newGroups: Quota
  /** Users added to groups. */
  groupAdds: Quota
  /** Invitations to groups that were used. */
  groupJoins: Quota
  /** Bytes that the requests of strangers take. */
  requests: Quota
  sendRate: Rate
  readMarkRate: Rate
}

export const quotasOf = (config: Config): Quotas => ({
  contactLookups: { name: 'lookups', first: config.LOOKUPS_FIRST, perDay: config.LOOKUPS_PER_DAY },
  newChats: { name: 'newChats', first: config.NEW_CHATS_PER_DAY, perDay: config.NEW_CHATS_PER_DAY },
  newGroups: { name: 'newGroups', first: config.NEW_GROUPS_PER_DAY, perDay: config.NEW_GROUPS_PER_DAY },
  groupAdds: { name: 'groupAdds', first: config.GROUP_ADDS_PER_DAY, perDay: config.GROUP_ADDS_PER_DAY },
  groupJoins: { name: 'groupJoins', first: config.GROUP_JOINS_PER_DAY, perDay: config.GROUP_JOINS_PER_DAY },
  requests: { name: 'requests', first: config.REQUEST_BYTES_PER_DAY, perDay: config.REQUEST_BYTES_PER_DAY },
  sendRate: { burst: config.SENDS_AT_ONCE, perMinute: config.SENDS_PER_MINUTE },
  readMarkRate: { burst: config.READ_MARKS_PER_MINUTE, perMinute: config.READ_MARKS_PER_MINUTE },
})
