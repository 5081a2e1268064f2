import { z } from '@hono/zod-openapi'
import { limits } from '../src/core/limits'
import { misleadingInName } from '../src/core/shown-text'
import { Timestamp, UserId } from './ids'
import { orNull } from './or-null'
import { pageOf } from './page'
import { Region } from './phone'
import { text, unmisleading } from './text'
import { User } from './user'

export const ContactQuery = z
  .strictObject({
    phoneNumbers: z
      // Entries of an address book, whatever they contain: an invalid number is reported, not rejected.
      .array(z.string())
      .min(1)
      .max(limits.findContactsMax)
      .openapi({
        description:
          'In E.164 or national format, mixed as they are in the address book. Entries that are not phone numbers are reported as `invalid`, however long they are.',
        example: ['912 345 679', '+351912345680', 'not a number'],
      }),
    region: Region.optional(),
  })
  .openapi('ContactQuery', { description: 'Numbers to look up. National formats require `region`.' })

export const Match = z
  .object({
    phoneNumber: z.string().openapi({ description: 'As you sent it.', example: '912 345 679' }),
    user: User,
  })
  .openapi('Match', { description: 'A number that belongs to a user.' })

export const Matches = z
  .object({
    matches: z
      .array(Match)
      .openapi({ description: 'In the order of the request; each spelling that you sent has its own entry.' }),
    invalid: z.array(z.string()).openapi({
      description: 'Inputs that cannot be phone numbers, as you sent them.',
      example: ['not a number'],
    }),
  })
  .openapi('Matches', { description: 'Which of the numbers you sent belong to users.' })
export type Matches = z.infer<typeof Matches>

const ContactName = text(1, limits.nameCharactersMax).openapi({
  description: 'Your name for the contact; nobody else sees it.',
  example: 'Ben from the harbor',
})

export const Contact = z
  .object({
    userId: UserId,
    name: ContactName.nullable(),
    user: orNull(User).openapi({
      description:
        'Their profile; null once they have deleted their account. For a user you have a chat with, it is the profile that the chat shows.',
    }),
    createdAt: Timestamp,
    updatedAt: Timestamp,
  })
  .openapi('Contact', { description: 'A user you have saved.' })
export type Contact = z.infer<typeof Contact>

export const ContactDetails = z
  .strictObject({ name: unmisleading(ContactName, misleadingInName).nullable().optional() })
  .openapi('ContactDetails', { description: 'What to store with a contact.', example: { name: 'Ben from the harbor' } })

export const Contacts = pageOf(Contact, { items: 'The contacts on this page.' }).openapi('Contacts', {
  description: 'A page of contacts.',
})

export const ContactChange = z
  .object({ userId: UserId, contact: orNull(Contact).openapi({ description: 'Null if the contact was removed.' }) })
  .openapi('ContactChange', { description: 'The current state of a contact; null if it was removed.' })
export type ContactChange = z.infer<typeof ContactChange>
