/** What others may know about a user, as it is stored and delivered to the mailboxes of peers. */
export interface Profile {
  id: string
  username: string | null
  firstName: string | null
  lastName: string | null
  about: string | null
  avatarFileId: string | null
}

/** The part of a user's record that only the user sees. Times are epoch milliseconds. */
export interface PrivateProfile {
  phoneNumber: string
  /** Whether others are kept from knowing when the user is online. */
  presenceHidden: boolean
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
