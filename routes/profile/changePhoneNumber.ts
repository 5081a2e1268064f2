import * as knownNetworks from '../../repositories/known-networks'
import * as users from '../../repositories/users'
import { PhoneNumberChange } from '../../schemas/phone-number-change'
import { Me, toMe } from '../../schemas/user'
import { problem } from '../../src/core/errors'
import { isSamePhone } from '../../src/core/phone-forms'
import { asCaller, avatarLinksFor } from '../../src/http/caller'
import { define, json, jsonBody } from '../../src/http/define-route'
import { finishAfterDisconnect } from '../../src/http/finish-after-disconnect'
import { callMailbox } from '../../src/http/mailbox-client'
import { etagHeader, etagOf } from '../../src/http/profile-etag'
import { verificationContext } from '../../src/services/verification/context'
import { proveVerification } from '../../src/services/verification/prove-verification'
import { readConfig } from '../../src/settings/config'
import { keysOfNumber } from '../../src/settings/send-keys'

export const changePhoneNumber = define(
  {
    access: 'session',
    counts: 'account',
    operationId: 'changePhoneNumber',
    method: 'put',
    path: '/v1/me/phone-number',
    tags: ['Profile'],
    summary: 'Change your phone number',
    description:
      'Moves your account to another number, verified by the code that `sendOtp` sent to it with `purpose` `changePhoneNumber`. From then on the new number signs in to this account, the old number is free, and every other session has ended: their WebSockets close with 4401. Your chats, contacts, and username stay, and peers are not told. If the response is lost, the same code works again for 60 seconds.',
    request: { body: jsonBody(PhoneNumberChange) },
    responses: { 200: { ...json(Me, 'Your profile, with the new number.'), headers: etagHeader } },
    problems: [
      'host_not_allowed',
      'verification_not_found',
      'phone_number_taken',
      'otp_wrong',
      'otp_expired',
      'otp_used',
      'otp_locked',
      'otp_provider_unavailable',
    ],
  },
  async (c) => {
    const { userId } = c.get('session')
    await asCaller(c, (mailbox, caller) => mailbox.expectPhoneNumber(caller))
    const purpose = { purpose: 'changePhoneNumber', userId } as const
    const { phoneNumber } = await finishAfterDisconnect(
      c,
      proveVerification(verificationContext(c), c.req.valid('json'), purpose),
    )
    const before = await users.find(c.env.DB, userId)
    const user = await users.changePhoneNumber(c.env.DB, userId, phoneNumber, Date.now())
    if (user === 'phone_number_taken') throw problem('phone_number_taken')
    if (!user) throw problem('session_ended')
    if (before && !isSamePhone(before.own.phoneNumber, phoneNumber))
      await knownNetworks.forget(c.env.DB, keysOfNumber(readConfig(c.env), before.own.phoneNumber))
    await callMailbox(c.env, userId, (mailbox) => mailbox.setProfile(user))
    return c.json(toMe(user, avatarLinksFor(c)), 200, etagOf(user))
  },
)
