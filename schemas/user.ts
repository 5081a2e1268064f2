import { z } from '@hono/zod-openapi'
import type { FileLink } from '../src/core/file-metadata'
import { limits } from '../src/core/limits'
import type { OwnProfile, Profile } from '../src/core/profile'
import { toTimestamp } from '../src/core/timestamp'
import { FileUrl } from './file'
import { FileId, Timestamp, UserId } from './ids'
import { orNull } from './or-null'
import { onlyPageOf } from './page'
import { text } from './text'

export const PhoneNumber = z
  .string()
  .openapi('PhoneNumber', { description: 'E.164: a plus sign and up to 15 digits.', example: '+351912345678' })

export const Username = z
  .string()
  .regex(new RegExp(`^[A-Za-z0-9_]{${limits.usernameCharactersMin},${limits.usernameCharactersMax}}$`), {
    message: `${limits.usernameCharactersMin} to ${limits.usernameCharactersMax} of a-z, 0-9 and _.`,
  })
  .openapi('Username', {
    description: 'Unique without regard to case; shown as its owner wrote it.',
    example: 'ana_silva',
  })

const Name = text(1, limits.nameCharactersMax)
const About = text(1, limits.aboutCharactersMax)

const profile = {
  id: UserId,
  username: orNull(Username).openapi({ description: 'Null until one is chosen.' }),
  firstName: Name.nullable().openapi({ description: 'Null until it is set.', example: 'Ana' }),
  lastName: Name.nullable().openapi({ description: 'Null until it is set.', example: 'Silva' }),
  about: About.nullable().openapi({ description: 'A line about oneself.', example: 'At sea until Friday' }),
  avatarUrl: FileUrl.nullable().openapi({
    description:
      'A signed link to the profile picture that an `<img>` can load. It lives for about an hour; a later answer carries a fresh one.',
  }),
}

export const User = z.object(profile).openapi('User', { description: 'What any signed-in user may know of another.' })
export type User = z.infer<typeof User>

export const toUser = (profile: Profile, link: FileLink): User => ({
  id: profile.id,
  username: profile.username,
  firstName: profile.firstName,
  lastName: profile.lastName,
  about: profile.about,
  avatarUrl: profile.avatarFileId && link(profile.avatarFileId),
})

export const Me = z
  .object({
    ...profile,
    phoneNumber: PhoneNumber,
    presenceHidden: z.boolean().openapi({ description: 'Whether nobody is told when one is online.', example: false }),
    discoverable: z.boolean().openapi({
      description: 'Whether those who know the phone number find one by it, with `findContacts`.',
      example: true,
    }),
    createdAt: Timestamp,
    updatedAt: Timestamp,
  })
  .openapi('Me', { description: 'One’s own profile, with what others do not see.' })
export type Me = z.infer<typeof Me>

export const toMe = ({ profile, own }: Pick<OwnProfile, 'profile' | 'own'>, link: FileLink): Me => ({
  ...toUser(profile, link),
  phoneNumber: own.phoneNumber,
  presenceHidden: own.presenceHidden,
  discoverable: own.discoverable,
  createdAt: toTimestamp(own.createdAt),
  updatedAt: toTimestamp(own.updatedAt),
})

export const Users = onlyPageOf(User, { items: 'One user, or none.' }).openapi('Users', {
  description: 'The users found.',
})

export const ProfileChange = z
  .strictObject({
    username: orNull(Username).optional().openapi({ description: 'Refused when somebody has it in any spelling.' }),
    firstName: Name.nullable().optional().openapi({ description: 'What friends call them.', example: 'Ana' }),
    lastName: Name.nullable().optional().openapi({ description: 'The family name.', example: 'Silva' }),
    about: About.nullable()
      .optional()
      .openapi({ description: 'A line about oneself.', example: 'At sea until Friday' }),
    avatarFileId: FileId.nullable().optional().openapi({
      description: 'An image that the user has uploaded: JPEG, PNG, GIF or WebP.',
    }),
    presenceHidden: z.boolean().optional().openapi({ description: 'Hides when one is online, and was last seen.' }),
    discoverable: z.boolean().optional().openapi({
      description:
        'When false, `findContacts` answers the phone number as one that nobody has. A username is chosen to be found by: `findUserByUsername` finds it all the same.',
    }),
  })
  .openapi('ProfileChange', { description: 'Only the fields present change; null clears.' })
export type ProfileChange = z.infer<typeof ProfileChange>
