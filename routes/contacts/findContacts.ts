import * as users from '../../repositories/users'
import { ContactQuery, Matches } from '../../schemas/contact'
import { toUser } from '../../schemas/user'
import { readPhoneNumber } from '../../src/core/phone'
import { formsOf } from '../../src/core/phone-forms'
import { asCaller, avatarLinksFor, ownMailboxOf } from '../../src/http/caller'
import { define, json, jsonBody } from '../../src/http/define-route'
import { shownProfiles } from '../../src/services/accounts/shown-profile'
import { checkRegion } from '../../src/services/verification/phone-number'

export const findContacts = define(
  {
    access: 'session',
    counts: 'lookup',
    operationId: 'findContacts',
    method: 'post',
    path: '/v1/contacts/find',
    tags: ['Contacts'],
    summary: 'Find users by phone number',
    description:
      'Returns which of up to 500 numbers belong to users, each as you sent it, and which inputs cannot be phone numbers. Users who turned off `discoverable` look the same as unregistered numbers and count against the quota. Only numbers you have never looked up before count against the quota: 2,000 at first, then 500 a day. You get either the complete result or a refusal; a refusal charges nothing, reveals nothing, and says when the whole request would fit. Only keyed hashes of your address book are stored, to recognize which numbers are new.',
    request: { body: jsonBody(ContactQuery) },
    responses: { 200: json(Matches, 'The matches and the invalid inputs.') },
    problems: ['phone_number_invalid', 'lookups_exhausted'],
  },
  async (c) => {
    const { phoneNumbers, region } = c.req.valid('json')
    checkRegion(region)
    const asked = phoneNumbers.map((input) => ({ input, number: readPhoneNumber(input, region) }))
    const numbers = [...new Set(asked.flatMap(({ number }) => number?.canonical ?? []))]
    await asCaller(c, (mailbox, caller) => mailbox.chargeLookups(caller, numbers))
    const found = await users.findByPhoneNumbers(c.env.DB, numbers.flatMap(formsOf))
    const profiles = found.map(({ profile }) => profile)
    const shown = found.length > 0 ? await shownProfiles(ownMailboxOf(c), profiles) : []
    const byNumber = new Map(
      shown.map((profile, index) => [found[index]?.own.phoneNumber, toUser(profile, avatarLinksFor(c))]),
    )
    const matches = asked.flatMap(({ input, number }) => {
      const forms = number ? [number.written, ...formsOf(number.canonical)] : []
      const user = forms.map((form) => byNumber.get(form)).find((one) => one !== undefined)
      return user ? [{ phoneNumber: input, user }] : []
    })
    return c.json({ matches, invalid: asked.flatMap(({ input, number }) => (number ? [] : input)) }, 200)
  },
)
