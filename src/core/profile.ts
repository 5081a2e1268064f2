/** What others may know of a user, as it is stored and fed to the mailboxes of peers. */
export interface Profile {
  id: string
  username: string | null
  firstName: string | null
  lastName: string | null
  about: string | null
  avatarFileId: string | null
}

/** What the user alone knows of their record. Times are epoch milliseconds. */
export interface PrivateProfile {
  phoneNumber: string
  /** Whether others are not told when they are online. */
  presenceHidden: boolean
  /** Whether `findContacts` finds them by their number. */
  discoverable: boolean
  createdAt: number
  updatedAt: number
}

/** A user's record as their mailbox keeps it: a higher revision is newer. */
export interface OwnProfile {
  revision: number
  profile: Profile
  own: PrivateProfile
}
