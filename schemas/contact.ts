import { z } from '@hono/zod-openapi'
import { limits } from '../src/core/limits'
import { Timestamp, UserId } from './ids'
import { orNull } from './or-null'
import { pageOf } from './page'
import { Region } from './phone'
import { text } from './text'
import { User } from './user'

/** One entry of an address book, whatever it holds: what is no number is reported, not refused. */
const AddressBookNumber = z.string().max(limits.phoneInputCharactersMax)

export const ContactQuery = z
  .strictObject({
    phoneNumbers: z
      .array(AddressBookNumber)
      .min(1)
      .max(limits.findContactsMax)
      .openapi({
        description: 'In E.164 or in national form, mixed as the address book has them.',
        example: ['912 345 679', '+351912345680', 'not a number'],
      }),
    region: Region.optional(),
  })
  .openapi('ContactQuery', { description: 'Numbers to look for. National forms need `region`.' })

export const Match = z
  .object({
    phoneNumber: z.string().openapi({ description: 'As it was asked.', example: '912 345 679' }),
    user: User,
  })
  .openapi('Match', { description: 'A number that belongs to a user.' })

export const Matches = z
  .object({
    matches: z.array(Match).openapi({ description: 'In the order asked; each spelling that was asked gets its own.' }),
    invalid: z
      .array(z.string())
      .openapi({ description: 'Inputs that are no possible number, as they were asked.', example: ['not a number'] }),
  })
  .openapi('Matches', { description: 'Which of the numbers asked belong to users.' })
export type Matches = z.infer<typeof Matches>

const ContactName = text(1, limits.nameCharactersMax).openapi({
  description: 'What the caller calls them; nobody else sees it.',
  example: 'Ben from the harbour',
})

export const Contact = z
  .object({
    userId: UserId,
    name: ContactName.nullable(),
    createdAt: Timestamp,
    updatedAt: Timestamp,
  })
  .openapi('Contact', { description: 'Somebody whom the caller has saved. `getUser` has their profile.' })
export type Contact = z.infer<typeof Contact>

export const ContactDetails = z
  .strictObject({ name: ContactName.nullable().optional() })
  .openapi('ContactDetails', { description: 'What to keep with a contact.', example: { name: 'Ben from the harbour' } })

export const Contacts = pageOf(Contact, { items: 'The contacts of this page.' }).openapi('Contacts', {
  description: 'A page of contacts.',
})

export const ContactChange = z
  .object({ userId: UserId, contact: orNull(Contact).openapi({ description: 'Null when it was removed.' }) })
  .openapi('ContactChange', { description: 'A contact as it is now; null when it was removed.' })
export type ContactChange = z.infer<typeof ContactChange>
