import { decodeTime, encodeTime, ulid } from 'ulid'

/** The prefixes of public ids. Each id is a prefix and a ULID of 26 characters, so ids of one kind sort by time. */
export const idPrefixes = {
  user: 'usr_',
  session: 'ses_',
  verification: 'ver_',
  file: 'fil_',
  message: 'msg_',
  report: 'rep_',
  group: 'grp_',
  invite: 'inv_',
} as const

export type IdKind = keyof typeof idPrefixes

const ulidPattern = '[0-7][0-9A-HJKMNP-TV-Z]{25}'

/** A regular expression source that matches whole ids of one kind. */
export const idPattern = (kind: IdKind) => `^${idPrefixes[kind]}${ulidPattern}$`

/** A new id whose time part is `now` (epoch milliseconds) and whose other 80 bits are fresh randomness. */
export const mintId = (kind: IdKind, now: number) => idPrefixes[kind] + ulid(now)

/** Sorts before every id of its kind minted at `now` (epoch milliseconds) or later, and after all older ones. */
export const firstIdAt = (kind: IdKind, now: number) => idPrefixes[kind] + encodeTime(Math.max(0, now)) + '0'.repeat(16)

/** Sorts after every id of the same millisecond, the given one included, and before all later ones. */
export const firstIdAfter = (kind: IdKind, id: string) => firstIdAt(kind, idTime(id) + 1)

/** The epoch milliseconds in an id's time part. */
export const idTime = (id: string) => decodeTime(id.slice(id.indexOf('_') + 1))

/** Whether a chat is a group. */
export const isGroupId = (chatId: string): boolean => chatId.startsWith(idPrefixes.group)
