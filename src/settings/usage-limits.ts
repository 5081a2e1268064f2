import type { ProblemCode } from '../core/errors'
import type { limits } from '../core/limits'
import { type CallLimit, callLimits } from './call-limits'
import { pinLimits } from './pin-limits'
import { type SendBudget, type SendBudgetName, sendBudgetNames, sendBudgets } from './send-budgets'

/**
 * Anything that is counted over time or kept in storage, and refused beyond a figure. A new rate limit or quota is a
 * row here.
 */
interface UsageLimit {
  /** What is counted. */
  counts: string
  /**
   * What each count belongs to. A prefix is a phone number without its last four digits; a site is an IPv6 /56 or an
   * IPv4 address, a block an IPv6 /48 or an IPv4 /24.
   */
  by: SendBudget['scope'] | 'user' | 'chat' | 'group' | 'message' | 'verification' | 'socket'
  /**
   * `platform`: Cloudflare's limiter, per location and approximate. `memory`: the mailbox's memory, empty after a
   * wake. `group`: the group’s own storage. `socket`: the state that stays with a socket while its mailbox hibernates.
   */
  countedIn: 'platform' | 'D1' | 'mailbox' | 'memory' | 'group' | 'socket'
  /**
   * A problem code or a socket's close code; `waits` if what is beyond is delivered later; null if nothing is refused and
   * the least recently used one ends instead.
   */
  refusal: ProblemCode | 4408 | 4409 | 4429 | 'waits' | null
  /** The settings that an owner can change, with their defaults; null for one that is not a single figure. */
  settings: Record<string, number | null>
  /** The figures in `limits.ts` that nobody can change. */
  bounds: (keyof typeof limits)[]
}

const counted = { sends: 'codes sent', unapproved: 'codes sent and not entered' }

const ofCalls = ({ counts, by, perMinute }: CallLimit): UsageLimit => ({
  counts,
  by,
  countedIn: 'platform',
  refusal: 'too_many_requests',
  settings: by === 'user' ? { USER_LIMITS: null } : { NETWORK_LIMITS: null },
  bounds: [perMinute, 'rateWindowSeconds'],
})

/** The figures of these limits are in `send-budgets.ts`. */
const ofSends = (name: SendBudgetName): UsageLimit => {
  const { scope, windowSeconds, counts, channel } = sendBudgets({})[name]
  const what = channel ? 'codes sent by call' : counted[counts]
  return {
    counts: `${what}, in ${windowSeconds / 3_600} h`,
    by: scope,
    countedIn: 'D1',
    refusal: 'otp_sends_exhausted',
    settings: { OTP_BUDGETS: null },
    bounds: [],
  }
}

const forCodes = {
  otpRequests: {
    counts: 'requests for codes',
    by: 'network',
    countedIn: 'platform',
    refusal: 'too_many_requests',
    settings: { OTP_SHIELD: null },
    bounds: ['shieldRequestsMax', 'rateWindowSeconds'],
  },
  otpCooldown: {
    counts: 'seconds since the last code sent and not entered',
    by: 'number',
    countedIn: 'D1',
    refusal: 'resend_too_soon',
    settings: {},
    bounds: ['otpCooldownSeconds'],
  },
  nearBreaker: {
    counts: 'share of a breaker that is used up, for suspicious requests without Turnstile',
    by: 'country',
    countedIn: 'D1',
    refusal: 'otp_sends_exhausted',
    settings: { TURNSTILE: null },
    bounds: ['breakerNearShare'],
  },
  otpChecks: {
    counts: 'attempts at a code, right or wrong',
    by: 'verification',
    countedIn: 'D1',
    refusal: 'otp_locked',
    settings: {},
    bounds: ['otpChecksMax', 'otpChecksShared'],
  },
} satisfies Record<string, UsageLimit>

export const userLimits = {
  // A large address book at first, then its growth. A country of ten million numbers would take 54 years.
  lookups: {
    counts: 'phone numbers that `findContacts` has not been asked for before',
    by: 'user',
    countedIn: 'mailbox',
    refusal: 'lookups_exhausted',
    settings: { LOOKUPS_FIRST: 2_000, LOOKUPS_PER_DAY: 500 },
    bounds: [],
  },
  // Far more than a person starts, and not worth it for spam.
  newChats: {
    counts: 'first messages to users who have not written first',
    by: 'user',
    countedIn: 'mailbox',
    refusal: 'new_chats_exhausted',
    settings: { NEW_CHATS_PER_DAY: 50 },
    bounds: [],
  },
  // A family, a class, and a few clubs.
  newGroups: {
    counts: 'groups created',
    by: 'user',
    countedIn: 'mailbox',
    refusal: 'new_groups_exhausted',
    settings: { NEW_GROUPS_PER_DAY: 50 },
    bounds: [],
  },
  // More than anybody follows, and each is asked for what has changed.
  groups: {
    counts: 'groups that a user is in',
    by: 'user',
    countedIn: 'mailbox',
    refusal: 'groups_full',
    settings: {},
    bounds: ['groupsMax'],
  },
  // All are in the group’s memory, and told of each message.
  groupMembers: {
    counts: 'members of a group, and everybody who ever was one',
    by: 'group',
    countedIn: 'group',
    refusal: 'group_full',
    settings: {},
    bounds: ['groupMembersMax', 'groupMembersEverMax'],
  },
  groupStorage: {
    counts: 'bytes of messages and everything else in a group',
    by: 'group',
    countedIn: 'group',
    refusal: 'group_storage_full',
    settings: {},
    bounds: ['groupBytesMax'],
  },
  slowMode: {
    counts: 'seconds since a member’s last message, in groups whose settings say so',
    by: 'user',
    countedIn: 'group',
    refusal: 'slow_mode',
    settings: {},
    bounds: ['groupSlowModeSecondsMax'],
  },
  // A large group in a day, and too few to fill groups with strangers.
  groupAdds: {
    counts: 'users added to groups',
    by: 'user',
    countedIn: 'mailbox',
    refusal: 'group_adds_exhausted',
    settings: { GROUP_ADDS_PER_DAY: 1_000 },
    bounds: ['groupAddedAtOnce'],
  },
  // An outbox of several days at once, then one per second, which nobody writes for long.
  messages: {
    counts: 'messages sent, edited or deleted, and reactions changed',
    by: 'user',
    countedIn: 'mailbox',
    refusal: 'sends_exhausted',
    settings: { SENDS_AT_ONCE: 600, SENDS_PER_MINUTE: 60 },
    bounds: [],
  },
  // Five a second, of every chat in turn.
  readMarks: {
    counts: 'read marks moved',
    by: 'user',
    countedIn: 'memory',
    refusal: 'too_many_requests',
    settings: { READ_MARKS_PER_MINUTE: 300 },
    bounds: [],
  },
  undelivered: {
    counts: 'messages that wait for the other user’s mailbox',
    by: 'chat',
    countedIn: 'mailbox',
    refusal: 'too_many_undelivered',
    settings: {},
    bounds: ['undeliveredMax'],
  },
  // What a stranger may leave. More than a first contact needs.
  requestMessages: {
    counts: 'messages to a user who has not accepted the chat',
    by: 'chat',
    countedIn: 'mailbox',
    refusal: 'acceptance_required',
    settings: {},
    bounds: ['requestMessagesMax'],
  },
  requestBytes: {
    counts: 'bytes of messages and edits to a user who has not accepted the chat',
    by: 'chat',
    countedIn: 'mailbox',
    refusal: 'acceptance_required',
    settings: {},
    bounds: ['requestBytesMax'],
  },
  // What all strangers together may leave with one user. A page of text from each of thirty.
  requestsPerDay: {
    counts: 'bytes that message requests take in the mailbox that they arrive in',
    by: 'user',
    countedIn: 'mailbox',
    refusal: 'waits',
    settings: { REQUEST_BYTES_PER_DAY: 131_072 },
    bounds: ['deliveryRoomMs'],
  },
  // More than somebody who is being harassed needs to file.
  reports: {
    counts: 'reports of users, in 24 h',
    by: 'user',
    countedIn: 'D1',
    refusal: 'reports_exhausted',
    settings: { REPORTS_PER_DAY: 20 },
    bounds: [],
  },
  reportBytes: {
    counts: 'bytes of reports and of the messages that they copy, in 24 h',
    by: 'user',
    countedIn: 'D1',
    refusal: 'reports_exhausted',
    settings: {},
    bounds: ['reportBytesPerDay', 'reportBytesMax'],
  },
  storage: {
    counts: 'bytes of files, uploads in progress included',
    by: 'user',
    countedIn: 'mailbox',
    refusal: 'storage_full',
    settings: { STORAGE_BYTES: 5 * 1024 ** 3 },
    bounds: [],
  },
  // The platform stores 10 GB. The rest is room for sessions, blocks, read marks, and an erasure.
  mailbox: {
    counts: 'bytes of messages and everything else in a mailbox',
    by: 'user',
    countedIn: 'mailbox',
    refusal: 'mailbox_full',
    settings: { MAILBOX_BYTES: 8_000_000_000 },
    bounds: ['deliveryRoomMs'],
  },
  contacts: {
    counts: 'saved contacts',
    by: 'user',
    countedIn: 'mailbox',
    refusal: 'contacts_full',
    settings: {},
    bounds: ['contactsMax'],
  },
  reactions: {
    counts: 'different emoji of one user',
    by: 'message',
    countedIn: 'mailbox',
    refusal: 'reactions_full',
    settings: {},
    bounds: ['reactionsMax'],
  },
  ...pinLimits,
  sessions: {
    counts: 'sessions',
    by: 'user',
    countedIn: 'mailbox',
    refusal: null,
    settings: {},
    bounds: ['sessionsMax'],
  },
  sockets: {
    counts: 'open WebSockets',
    by: 'user',
    countedIn: 'mailbox',
    refusal: 4409,
    settings: {},
    bounds: ['socketsMax'],
  },
  frames: {
    counts: 'frames from the client, and their bytes',
    by: 'socket',
    countedIn: 'socket',
    refusal: 4429,
    settings: {},
    bounds: ['socketFramesMax', 'socketFrameBytesMax', 'socketFramesWindowMs'],
  },
  unread: {
    counts: 'bytes sent to a client, other than `changes`, without a sign that it reads',
    by: 'socket',
    countedIn: 'socket',
    refusal: 4408,
    settings: {},
    bounds: ['socketUnreadBytesMax'],
  },
} satisfies Record<string, UsageLimit>

/** Every limit, by name. */
export const usageLimits: Record<string, UsageLimit> = {
  ...Object.fromEntries(Object.entries(callLimits).map(([name, limit]) => [name, ofCalls(limit)])),
  ...forCodes,
  ...Object.fromEntries(sendBudgetNames.map((name) => [name, ofSends(name)])),
  ...userLimits,
}
