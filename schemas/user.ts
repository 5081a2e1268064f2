import { z } from '@hono/zod-openapi'
import type { FileLink } from '../src/core/file-metadata'
import { limits } from '../src/core/limits'
import { metadataOf } from '../src/core/metadata'
import { audiences, type OwnProfile, type Profile } from '../src/core/profile'
import { misleadingInName, misleadingInText } from '../src/core/shown-text'
import { toTimestamp } from '../src/core/timestamp'
import { FileUrl } from './file'
import { FileId, Timestamp, UserId } from './ids'
import { Metadata, MetadataInput } from './metadata'
import { orNull } from './or-null'
import { onlyPageOf } from './page'
import { text, unmisleading } from './text'

export const PhoneNumber = z
  .string()
  .openapi('PhoneNumber', { description: 'E.164: a plus sign and up to 15 digits.', example: '+351912345678' })

export const Username = z
  .string()
  .regex(new RegExp(`^[A-Za-z0-9_]{${limits.usernameCharactersMin},${limits.usernameCharactersMax}}$`), {
    message: `Must be ${limits.usernameCharactersMin} to ${limits.usernameCharactersMax} letters (A-Z, a-z), digits, or underscores.`,
  })
  .openapi('Username', {
    description: 'Unique regardless of case; shown as its owner wrote it.',
    example: 'ana_silva',
  })

const Name = text(1, limits.nameCharactersMax)
const About = text(1, limits.aboutCharactersMax)
const NewName = unmisleading(Name, misleadingInName)
const NewAbout = unmisleading(About, misleadingInText)

const unmisleadingName =
  'It must show something, and have no control characters, bidirectional controls, or invisible characters other than those that emoji and joined scripts need.'

const profile = {
  id: UserId,
  username: orNull(Username).openapi({ description: 'Null until set.' }),
  firstName: Name.nullable().openapi({ description: 'Null until set.', example: 'Ana' }),
  lastName: Name.nullable().openapi({ description: 'Null until set.', example: 'Silva' }),
  about: About.nullable().openapi({ description: 'A short text about the user.', example: 'At sea until Friday' }),
  avatarFileId: orNull(FileId).openapi({
    description:
      'The file that is the profile picture; null if there is none. Stays the same as long as the picture does.',
  }),
  avatarUrl: FileUrl.nullable().openapi({
    description:
      'A signed link to the profile picture, without the metadata of the file, that an `<img>` can load. It is valid for about an hour; later responses carry a fresh one.',
  }),
  metadata: orNull(Metadata).openapi({
    description: 'Custom data that the user’s app has given the profile; null if there is none.',
  }),
}

export const User = z
  .object(profile)
  .openapi('User', { description: 'The part of a profile that any signed-in user can see.' })
export type User = z.infer<typeof User>

export const toUser = (profile: Profile, link: FileLink): User => ({
  id: profile.id,
  username: profile.username,
  firstName: profile.firstName,
  lastName: profile.lastName,
  about: profile.about,
  avatarFileId: profile.avatarFileId,
  avatarUrl: profile.avatarFileId && link(profile.avatarFileId),
  metadata: metadataOf(profile.metadata),
})

export const Audience = z.enum(audiences).openapi('Audience', {
  description:
    'For whom something is. `contacts` are the users you have saved with `saveContact`, whether or not they have saved you.',
  example: 'everyone',
})

const audienceFields = {
  presenceAudience: Audience.openapi({
    description: 'Who learns when you are online and when you were last seen. Nobody does whose chat is a request.',
  }),
  readMarkAudience: Audience.openapi({
    description:
      'Who learns which of their messages you have read, in one-to-one chats; in groups, the author of a message always does. A change applies to what you read from then on.',
  }),
  messageAudience: Audience.openapi({
    description:
      'Who can write to you, besides those whose chats you have begun or accepted. What others send is refused without telling them: it stays `sent`, and never arrives later.',
  }),
  groupAddsAudience: Audience.openapi({
    description:
      'Who can add you to groups; others are told that you have to be invited. After you have left a group, only your contacts can add you to it again, whatever this says, and with `nobody`, not even they.',
  }),
}

export const Me = z
  .object({
    ...profile,
    phoneNumber: PhoneNumber,
    ...audienceFields,
    presenceHidden: z.boolean().openapi({
      description: 'Use `presenceAudience`: true if that is `nobody`.',
      deprecated: true,
      example: false,
    }),
    discoverable: z.boolean().openapi({
      description: 'Whether people who know your phone number can find you by it, with `findContacts`.',
      example: true,
    }),
    createdAt: Timestamp,
    updatedAt: Timestamp,
  })
  .openapi('Me', { description: 'Your profile, including what other users cannot see.' })
export type Me = z.infer<typeof Me>

export const toMe = ({ profile, own }: Pick<OwnProfile, 'profile' | 'own'>, link: FileLink): Me => ({
  ...toUser(profile, link),
  phoneNumber: own.phoneNumber,
  presenceAudience: own.presenceAudience,
  readMarkAudience: own.readMarkAudience,
  messageAudience: own.messageAudience,
  groupAddsAudience: own.groupAddsAudience,
  presenceHidden: own.presenceAudience === 'nobody',
  discoverable: own.discoverable,
  createdAt: toTimestamp(own.createdAt),
  updatedAt: toTimestamp(own.updatedAt),
})

export const Users = onlyPageOf(User, { items: 'One user or none.' }).openapi('Users', {
  description: 'The users that were found.',
})

export const UserLookup = z
  .strictObject({
    userIds: z.array(UserId).min(1).max(limits.userIdsMax).openapi({ description: 'Repeated IDs count once.' }),
  })
  .openapi('UserLookup', { description: 'The users to get.' })

export const FoundUsers = z
  .object({
    users: z.array(User).openapi({ description: 'In the order of the request, each once.' }),
    notFound: z.array(UserId).openapi({ description: 'IDs of users who do not exist, or no longer do.' }),
  })
  .openapi('FoundUsers', { description: 'Which of the users exist.' })

export const ProfileChange = z
  .strictObject({
    username: orNull(Username).optional().openapi({
      description:
        'Refused if another user has it, regardless of case, or if it looks like one of the app’s own, such as `admin` or `supp0rt`.',
    }),
    firstName: NewName.nullable()
      .optional()
      .openapi({ description: `Your first name. ${unmisleadingName}`, example: 'Ana' }),
    lastName: NewName.nullable()
      .optional()
      .openapi({ description: `Your last name. ${unmisleadingName}`, example: 'Silva' }),
    about: NewAbout.nullable().optional().openapi({
      description:
        'A short text about yourself. The rules for names apply, but it can have line breaks and marks of direction.',
      example: 'At sea until Friday',
    }),
    avatarFileId: FileId.nullable().optional().openapi({
      description:
        'An image that you have uploaded: JPEG, PNG, GIF, or WebP. Others see a copy without metadata, such as the place where it was taken; its orientation, animation, and color profile stay. Your file, and messages that contain it, stay as they are.',
    }),
    metadata: orNull(MetadataInput).optional().openapi({
      description:
        'Custom data for whoever can see your profile, in place of all that was there; null, or an empty object, clears it. Everyone you have a chat with is told of each change: it is no place for what changes by the minute.',
    }),
    presenceAudience: audienceFields.presenceAudience.optional(),
    readMarkAudience: audienceFields.readMarkAudience.optional(),
    messageAudience: audienceFields.messageAudience.optional(),
    groupAddsAudience: audienceFields.groupAddsAudience.optional(),
    presenceHidden: z.boolean().optional().openapi({
      description: 'Use `presenceAudience`: true sets it to `nobody`, false to `everyone`, unless you send both.',
      deprecated: true,
    }),
    discoverable: z.boolean().optional().openapi({
      description:
        'If false, `findContacts` treats your phone number as unregistered. `findUserByUsername` still finds you by your username, because a username is chosen in order to be found.',
    }),
  })
  .openapi('ProfileChange', {
    description:
      'Only the fields you send change. Null clears a text, the picture, or the metadata, and so does an empty string or object; for any other field, null is as good as nothing.',
  })
export type ProfileChange = z.infer<typeof ProfileChange>
