// What an app does first, with a generated client.
import assert from 'node:assert/strict'
import type { NpmServer } from '../runtime/npm-start.ts'
import type { GeneratedClient, SignedInUser } from './adapters/client.ts'

export type CodeFor = NpmServer['codeFor']

let subscriber = 2_000_000 + Math.floor(Math.random() * 7_000_000)

async function signIn(client: GeneratedClient, codeFor: CodeFor, firstName: string): Promise<SignedInUser> {
  const phoneNumber = `+1202${subscriber++}`
  const verificationId = await client.sendOtp(phoneNumber)
  const user = await client.verifyOtp(verificationId, await codeFor(phoneNumber))
  assert.equal(await client.updateMe(user.accessToken, firstName), firstName)
  return user
}

/** Yields the name of each step that passes; the first failure ends it. */
export async function* roundTrip(client: GeneratedClient, codeFor: CodeFor): AsyncGenerator<string> {
  const [ana, ben] = [await signIn(client, codeFor, 'Ana'), await signIn(client, codeFor, 'Ben')]
  assert.match(ana.id, /^usr_/)
  yield 'signs two users in'

  const accessToken = await client.refreshTokens(ana.refreshToken)
  assert.match(accessToken, /^ey/)
  yield 'refreshes tokens'

  const fileId = await client.uploadFile(accessToken, new File(['a picture'], 'picture.txt', { type: 'text/plain' }))
  assert.match(fileId, /^fil_/)
  assert.equal(await client.downloadFile(accessToken, fileId), 'a picture')
  yield 'uploads and downloads a file'

  const message = { clientMessageId: crypto.randomUUID(), text: 'Look!', attachmentFileIds: [fileId] }
  const messageId = await client.sendMessage(accessToken, ben.id, message)
  assert.equal(await client.sendMessage(accessToken, ben.id, message), messageId)
  await client.sendMessage(accessToken, ben.id, {
    clientMessageId: crypto.randomUUID(),
    text: 'Well?',
    attachmentFileIds: [],
  })
  yield 'sends messages, and a repeated send creates only one'

  const page = await client.listMessages(accessToken, ben.id, 1)
  assert.deepEqual(page.texts, ['Well?'])
  assert.equal(typeof page.nextCursor, 'string')
  yield 'lists a page'

  await arrived(client, ben, { peerName: 'Ana', unreadCount: 2 })
  const { texts, fileNames, nextCursor } = await client.listMessages(ben.accessToken, ana.id, 10)
  assert.deepEqual(
    { texts, fileNames, nextCursor },
    { texts: ['Well?', 'Look!'], fileNames: ['picture.txt'], nextCursor: null },
  )
  yield 'lists the messages and the file that the other user received'

  // A number sign and two marks: not encoded, the first would begin a fragment.
  const keycap = '\u{23}\u{fe0f}\u{20e3}'
  assert.deepEqual(await client.react(accessToken, ben.id, messageId, keycap), [keycap])
  yield 'reacts with an emoji whose first character has a meaning in URLs'

  assert.equal(await client.refusalOfMessage(accessToken, ben.id, messageId), 'none')
  assert.equal(await client.refusalOfMessage(accessToken, ben.id, `msg_${'0'.repeat(26)}`), 'message_not_found')
  yield 'reads the code of a problem'
}

const deliveredWithinMs = 30_000

async function arrived(
  client: GeneratedClient,
  { accessToken }: SignedInUser,
  expected: { peerName: string; unreadCount: number },
) {
  const end = Date.now() + deliveredWithinMs
  for (;;) {
    const chats = await client.listChats(accessToken)
    if (chats[0]?.unreadCount === expected.unreadCount || Date.now() > end) return assert.deepEqual(chats, [expected])
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
