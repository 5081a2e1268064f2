import type { limits } from '../core/limits'

/** How many calls a minute one user or one network can make, counted by a rate limiter of the platform. */
export interface CallLimit {
  /** What is counted. */
  counts: string
  by: 'user' | 'network'
  /** The rate limiter's binding in `wrangler.toml`, which has the same figure. */
  limiter: keyof RateLimiters
  perMinute: keyof typeof limits
}

type RateLimiters = { [Name in keyof Env as Env[Name] extends RateLimit ? Name : never]: Env[Name] }

export const callLimits = {
  // Ten a second: a client that opens every chat of a large account at once.
  reads: { counts: 'calls that read', by: 'user', limiter: 'READ_LIMITER', perMinute: 'readsPerMinute' },
  // An address book's matches saved one by one, or all chats marked as read.
  writes: { counts: 'calls that change something', by: 'user', limiter: 'WRITE_LIMITER', perMinute: 'writesPerMinute' },
  // Above what the mailbox allows in any minute, which decides; this one keeps refused calls away from it.
  messageWrites: {
    counts: 'calls that send, edit, delete or react to messages',
    by: 'user',
    limiter: 'MESSAGE_LIMITER',
    perMinute: 'messageWritesPerMinute',
  },
  // An album, one picture a second.
  uploads: { counts: 'uploads', by: 'user', limiter: 'UPLOAD_LIMITER', perMinute: 'uploadsPerMinute' },
  // People type names. Usernames can be guessed, so this limits how fast they are listed.
  userLookups: {
    counts: 'look-ups of users by name or number',
    by: 'user',
    limiter: 'LOOKUP_LIMITER',
    perMinute: 'userLookupsPerMinute',
  },
  // A change of profile reaches every peer's mailbox. All sessions of a user can be ended one by one.
  accountChanges: {
    counts: 'changes of the profile, the account or its sessions',
    by: 'user',
    limiter: 'ACCOUNT_LIMITER',
    perMinute: 'accountChangesPerMinute',
  },
  // Each reads a whole mailbox.
  exports: { counts: 'exports', by: 'user', limiter: 'EXPORT_LIMITER', perMinute: 'exportsPerMinute' },
  // Every socket that a user can have, each with a ticket, and once again.
  connections: {
    counts: 'tickets and WebSockets',
    by: 'user',
    limiter: 'CONNECTION_LIMITER',
    perMinute: 'connectionsPerMinute',
  },
  // Devices refresh every ten minutes.
  refreshes: { counts: 'refreshes of tokens', by: 'user', limiter: 'REFRESH_LIMITER', perMinute: 'refreshesPerMinute' },
  // Thousands of people share a carrier's address.
  signedInCalls: {
    counts: 'calls with an access token, a ticket or a signed link',
    by: 'network',
    limiter: 'SIGNED_IN_LIMITER',
    perMinute: 'signedInCallsPerMinute',
  },
  // Six thousand devices behind one address, each of which refreshes its tokens every ten minutes.
  openCalls: {
    counts: 'calls without an access token: refreshes, `getNetwork`, `getHealth`',
    by: 'network',
    limiter: 'OPEN_LIMITER',
    perMinute: 'openCallsPerMinute',
  },
  // Twice as often as codes can be requested.
  codeChecks: {
    counts: 'attempts to sign in with a code',
    by: 'network',
    limiter: 'CODE_CHECK_LIMITER',
    perMinute: 'codeChecksPerMinute',
  },
  // Each reads D1. Genuine tokens are without a MAC only after an upgrade or a rotation of the secret, once.
  unprovenRefreshes: {
    counts: 'refreshes without a valid MAC',
    by: 'network',
    limiter: 'UNPROVEN_REFRESH_LIMITER',
    perMinute: 'unprovenRefreshesPerMinute',
  },
  // A probe every two seconds.
  deepHealthChecks: {
    counts: 'checks of D1 and R2 by `getHealth`',
    by: 'network',
    limiter: 'DEEP_HEALTH_LIMITER',
    perMinute: 'deepHealthChecksPerMinute',
  },
} satisfies Record<string, CallLimit>

export type CallLimitName = keyof typeof callLimits

/** The limits that count for each user, and those that count for each network. */
export type UserCallLimit = {
  [N in CallLimitName]: (typeof callLimits)[N]['by'] extends 'user' ? N : never
}[CallLimitName]
export type NetworkCallLimit = Exclude<CallLimitName, UserCallLimit>
