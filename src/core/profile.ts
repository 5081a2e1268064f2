/** What others may know about a user, as it is stored and delivered to the mailboxes of peers. */
export interface Profile {
  id: string
  username: string | null
  firstName: string | null
  lastName: string | null
  about: string | null
  avatarFileId: string | null
  /**
   * Custom data as JSON, within which nothing looks like a field of the profile; absent if there is none, so that the
   * profiles without it are the same as before there was any.
   */
  metadata?: string
}

/** For whom something is. */
export const audiences = ['everyone', 'contacts', 'nobody'] as const
export type Audience = (typeof audiences)[number]

/** The part of a user's record that only the user sees. Times are epoch milliseconds. */
export interface PrivateProfile {
  phoneNumber: string
  /** Who learns when the user is online, and when they were last seen. */
  presenceAudience: Audience
  /** Who learns what the user has read of their messages. */
  readMarkAudience: Audience
  /** Who can begin a chat with the user. */
  messageAudience: Audience
  /** Who can add the user to groups. */
  groupAddsAudience: Audience
  /** Whether `findContacts` finds the user by their number. */
  discoverable: boolean
  createdAt: number
  updatedAt: number
}

/** A user's record as stored in their mailbox. A higher revision is newer. */
export interface OwnProfile {
  revision: number
  profile: Profile
  own: PrivateProfile
}
