import { expect, test } from 'vitest'
import { call, ok, refused } from '../support/call'
import { documentedOperations } from '../support/check-response'
import { interceptCalls } from '../support/delivery-faults'
import { exampleInput } from '../support/example-input'
import { newUser, signIn, type TestUser } from '../support/users'

/** A user who is signed in twice: `ended` is a session that was ended by the other. */
async function withEndedSession(): Promise<{ user: TestUser; ended: TestUser }> {
  const user = await newUser()
  const ended = { ...user, ...(await signIn(user.phoneNumber)).tokens }
  await ok('endOtherSessions', {}, { as: user })
  return { user, ended }
}

const { user, ended } = await withEndedSession()

const secured = documentedOperations.filter(
  ({ operationId, security }) => operationId !== 'logout' && security?.some((scheme) => 'accessToken' in scheme),
)

test.each(secured)('$operationId rejects the access token of a session that has ended', async ({ operationId }) => {
  const input = exampleInput(operationId)
  // Where a token is optional, the example makes no use of it.
  const body = operationId === 'sendOtp' ? { ...Object(input.body), purpose: 'changePhoneNumber' } : input.body
  await refused(operationId, 'session_ended', { ...input, ...(body !== undefined && { body }) }, { as: ended })
})

test('a contact is not saved when the session ends while the other user is looked up', async () => {
  const [owner, other] = [await newUser(), await newUser()]
  const device = { ...owner, ...(await signIn(owner.phoneNumber)).tokens }
  const removeInterception = interceptCalls(async ({ method, make }) => {
    if (method === 'saveContact') await ok('endOtherSessions', {}, { as: owner })
    return make()
  })
  const input = { params: { userId: other.id }, body: { name: 'Other' } }
  await refused('saveContact', 'session_ended', input, { as: device }).finally(removeInterception)
  expect(await ok('listContacts', {}, { as: owner })).toMatchObject({ items: [] })
})

test('signing out and ending a session succeed when repeated, until the access token expires', async () => {
  for (let repeat = 0; repeat < 2; repeat++) {
    expect((await call('logout', {}, { as: ended })).status).toBe(204)
    expect((await call('endSession', { params: { sessionId: ended.sessionId } }, { as: ended })).status).toBe(204)
    expect((await call('endSession', { params: { sessionId: ended.sessionId } }, { as: user })).status).toBe(204)
  }
  await refused('endSession', 'session_ended', { params: { sessionId: user.sessionId } }, { as: ended })
  expect((await call('getMe', {}, { as: user })).status).toBe(200)
})

test('a session that has ended cannot delete an account that is still there', async () => {
  await refused('deleteMe', 'session_ended', {}, { as: ended })
  expect((await call('getMe', {}, { as: user })).status).toBe(200)
})

test('deleting the account and signing out succeed when the account is gone', async () => {
  const gone = await newUser()
  for (let repeat = 0; repeat < 2; repeat++) expect((await call('deleteMe', {}, { as: gone })).status).toBe(204)
  expect((await call('logout', {}, { as: gone })).status).toBe(204)
  await refused('logout', 'access_token_invalid', {}, { as: { accessToken: `${gone.accessToken}x` } })
})
