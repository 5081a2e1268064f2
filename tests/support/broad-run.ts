import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { vi } from 'vitest'
import type { Mailbox } from '../../objects/mailbox'
import * as breakers from '../../repositories/breakers'
import * as expiredRows from '../../repositories/expired-rows'
import * as knownNetworks from '../../repositories/known-networks'
import * as openCodes from '../../repositories/open-codes'
import * as otpChecks from '../../repositories/otp-checks'
import * as otpSends from '../../repositories/otp-sends'
import type { Send } from '../../repositories/send'
import * as availability from '../../repositories/send-availability'
import * as users from '../../repositories/users'
import * as verifications from '../../repositories/verifications'
import type { Verification } from '../../schemas/authentication'
import type { Changes } from '../../schemas/changes'
import type { File } from '../../schemas/file'
import { limits } from '../../src/core/limits'
import { formsOf } from '../../src/core/phone-forms'
import { readConfig } from '../../src/settings/config'
import { sendBudgets } from '../../src/settings/send-budgets'
import { sendKeys } from '../../src/settings/send-keys'
import { call, ok } from './call'
import { chat, delivered, edit, get, list, markRead, pair, react, remove, send } from './chat-calls'
import { later } from './clock'
import { injectFaults, inMailbox, stubOf } from './delivery-faults'
import {
  addMembers,
  changesOf,
  createGroup,
  createInvite,
  join,
  settle,
  type TestGroup,
  untilErased,
} from './group-calls'
import * as media from './media'
import { indexAnew } from './search-index'
import { connectLive } from './socket'
import { faultStorage } from './storage-faults'
import { codeFor, newPhoneNumber, newUser, signIn, type TestUser } from './users'

/** Uses everything that a mailbox and D1 do at least once, alarms and what follows a failure included. */
export async function broadRun(): Promise<string> {
  const [alice, bob] = await pair()
  await talk(alice, bob)
  await followChanges(alice, bob)
  await keepFiles(alice, bob)
  await talkInGroup(alice, bob)
  await manageContacts(alice, bob)
  await manageAccount(alice, bob)
  await failAndRecover(alice, bob)
  await askForCodes()
  await leave(bob, alice)
  return alice.id
}

/** More quotes of a message, and more messages of its chat, than are taken at once. */
async function fillReplies(alice: TestUser, bob: TestUser, messageId: string) {
  const numbers = 'WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1001)'
  await inMailbox(
    alice.id,
    `${numbers} INSERT INTO messages (chat_id, id, seq, mine, text, reply_to_id, reply_to, created_at, hidden, refused)
     SELECT '${bob.id}', printf('msg_00%024d', i), -i, 0, 'old', iif(i < 150, '${messageId}', NULL),
       iif(i < 150, json_object('id', '${messageId}', 'senderId', '${alice.id}', 'text', 'old'), NULL), 0, 0, 0
     FROM n`,
  )
  await indexAnew(alice)
}

async function talk(alice: TestUser, bob: TestUser) {
  const [first, second, third] = [
    await send(alice, bob, 'first'),
    await send(alice, bob, 'second'),
    await send(bob, bob, 'a note'),
  ]
  await delivered(alice, bob)
  await fillReplies(alice, bob, first.id)
  await send(bob, alice, 'a reply', { replyToId: first.id })
  await delivered(alice, bob)
  await markRead(bob, alice, first)
  await markRead(bob, alice, second)
  await edit(alice, first, 'first, edited')
  await react(bob, alice, second, '👍')
  await call('removeReaction', { params: { chatId: alice.id, messageId: second.id, emoji: '👍' } }, { as: bob })
  for (const query of [{ limit: 1 }, { before: second.id }, { after: first.id }, { around: first.id }]) {
    await list(alice, bob, query)
    await list(alice, bob, { ...query, hasAttachments: 'true' })
  }
  await get(alice, bob, first)
  for (const query of [{ q: 'reply' }, { q: 'reply', chatId: bob.id }])
    await ok('searchMessages', { query }, { as: alice })
  await remove(alice, bob, second, 'me')
  await remove(bob, alice, first, 'me')
  await remove(alice, bob, first, 'everyone')
  const note = await send(bob, bob, 'another')
  await remove(bob, bob, note, 'me')
  await remove(bob, bob, third, 'me')
  await delivered(alice, bob)
  await chat(alice, bob)
  await ok('listChats', {}, { as: alice })
  await ok('getUnreadCount', {}, { as: alice })
  await ok('updateChat', { params: { chatId: bob.id }, body: { pinned: true } }, { as: alice })
}

async function followChanges(alice: TestUser, bob: TestUser) {
  await ok<Changes>('listChanges', { query: { limit: 5 } }, { as: alice })
  const socket = await connectLive(alice)
  await socket.ask({ type: 'presence', userIds: [bob.id] })
  await socket.ask({ type: 'typing', chatId: bob.id })
  const { ticket } = await ok<{ ticket: string }>('createRealtimeTicket', {}, { as: bob })
  const other = await connectLive(bob, { ticket })
  await ok('blockUser', { params: { userId: alice.id } }, { as: bob })
  socket.close()
  other.close()
}

const upload = (user: TestUser) =>
  ok<File>(
    'uploadFile',
    { raw: 'bytes', query: { name: 'a.txt' }, headers: { 'Content-Type': 'text/plain' } },
    { as: user },
  )

async function keepFiles(alice: TestUser, bob: TestUser) {
  await ok('unblockUser', { params: { userId: alice.id } }, { as: bob })
  const [kept, gone] = [await upload(alice), await upload(alice)]
  await send(alice, bob, 'with a file', { attachmentFileIds: [kept.id] })
  await delivered(alice, bob)
  await call('getFileInfo', { params: { fileId: kept.id } }, { as: bob })
  await send(bob, bob, 'forwarded', { attachmentFileIds: [kept.id] })
  await ok('listFiles', {}, { as: alice })
  await call('deleteFile', { params: { fileId: gone.id } }, { as: alice })
  const raw = { raw: media.png(), query: { name: 'a.png' }, headers: { 'Content-Type': 'image/png' } }
  const picture = await ok<File>('uploadFile', raw, { as: alice })
  await ok('updateMe', { body: { avatarFileId: picture.id } }, { as: alice })
  await ok('updateMe', { body: { avatarFileId: null } }, { as: alice })
  await later(100_000, () => runDurableObjectAlarm(stubOf(alice.id)))
}

async function talkInGroup(alice: TestUser, bob: TestUser) {
  const { chat: created } = await createGroup(alice, [bob])
  const group = { id: created.id }
  const file = await upload(alice)
  const first = await send(alice, group, 'first', { attachmentFileIds: [file.id], mentions: [bob.id] })
  await ok('getFileInfo', { params: { fileId: file.id }, query: { chatId: group.id } }, { as: bob })
  const start = await changesOf(bob, group)
  await send(bob, group, 'a reply', { replyToId: first.id })
  const others = await Promise.all(Array.from({ length: 21 }, () => newUser()))
  await addMembers(alice, group, others)
  for (const user of [bob, ...others]) await react(user, group, first, '👍')
  await get(alice, group, first)
  await ok('listReactions', { params: { chatId: group.id, messageId: first.id } }, { as: bob })
  await ok('pinMessage', { params: { groupId: group.id, messageId: first.id } }, { as: alice })
  await ok('listPins', { params: { groupId: group.id } }, { as: bob })
  await call('removeReaction', { params: { chatId: group.id, messageId: first.id, emoji: '👍' } }, { as: bob })
  const second = await send(alice, group, 'second')
  await markRead(bob, group, second)
  await remove(bob, group, second, 'me')
  await edit(alice, second, 'second, edited')
  for (const chatId of [group.id, undefined]) await ok('searchMessages', { query: { q: 'reply', chatId } }, { as: bob })
  for (const query of [{ limit: 1 }, { before: second.id }, { after: first.id }, { around: first.id }])
    await list(bob, group, query)
  await changesOf(bob, group, start.cursor)
  await ok('getUnreadCount', {}, { as: bob })
  const { id: pictureId } = await ok<File>('uploadFile', { raw: media.jpeg() }, { as: alice })
  for (const avatarFileId of [pictureId, null])
    await ok('updateGroup', { params: { groupId: group.id }, body: { avatarFileId } }, { as: alice })
  await fillQuotes(group, first.id, alice.id)
  await remove(alice, group, first, 'everyone')
  await governGroup(alice, group)
  await settle(group)
  await call('clearChat', { params: { chatId: group.id } }, { as: bob })
  await ok('endGroup', { params: { groupId: group.id } }, { as: alice })
  await untilErased(group)
  await evictDurableObject(env.GROUP.getByName(group.id))
  await call('getGroup', { params: { groupId: group.id } }, { as: alice })
}

async function governGroup(alice: TestUser, { id: groupId }: TestGroup) {
  const { id: userId } = await newUser()
  await ok('banGroupMember', { params: { groupId, userId } }, { as: alice })
  await ok('listGroupBans', { params: { groupId } }, { as: alice })
  await ok('unbanGroupMember', { params: { groupId, userId } }, { as: alice })
  const invite = await createInvite(alice, { id: groupId }, { needsApproval: true })
  const carol = await newUser()
  await join(carol, invite)
  await ok('listJoinRequests', { params: { groupId } }, { as: alice })
  await ok('declineJoinRequest', { params: { groupId, userId: carol.id } }, { as: alice })
  await ok('revokeGroupInvite', { params: { groupId, inviteId: invite.id } }, { as: alice })
}

/** More quotes of a message of a group than are taken at once. */
const fillQuotes = (group: TestGroup, messageId: string, senderId: string) =>
  runInDurableObject(env.GROUP.get(env.GROUP.idFromName(group.id)), (_, { storage }) => {
    storage.sql.exec(
      `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 150)
       INSERT INTO messages (id, seq, sender_id, text, reply_to_id, reply_to, created_at)
       SELECT printf('msg_00%024d', i), -i, ?, 'old', ?, json_object('id', ?, 'senderId', ?, 'text', 'old'), 0 FROM n`,
      senderId,
      messageId,
      messageId,
      senderId,
    )
  })

async function manageContacts(alice: TestUser, bob: TestUser) {
  await ok('findContacts', { body: { phoneNumbers: [bob.phoneNumber] } }, { as: alice })
  await ok('saveContact', { params: { userId: bob.id }, body: { name: 'Bob' } }, { as: alice })
  await ok('listContacts', {}, { as: alice })
  await call('removeContact', { params: { userId: bob.id } }, { as: alice })
  await ok('listBlocks', {}, { as: alice })
  await ok('getUser', { params: { userId: bob.id } }, { as: alice })
  await ok('findUserByUsername', { query: { username: 'nobody' } }, { as: alice })
  await evictDurableObject(stubOf(alice.id))
  await ok('lookUpUsers', { body: { userIds: [alice.id, bob.id] } }, { as: alice })
  await ok('getHealth', { query: { deep: 'true' } })
  const report = { params: { userId: bob.id }, body: { reason: 'spam' } }
  await ok('reportUser', report, { as: alice })
}

async function manageAccount(alice: TestUser, bob: TestUser) {
  await ok('getMe', {}, { as: alice })
  await ok('exportMe', {}, { as: alice })
  const { tokens } = await signIn(alice.phoneNumber)
  await ok('refreshTokens', { body: { refreshToken: tokens.refreshToken } })
  await ok('listSessions', {}, { as: alice })
  await call('endSession', { params: { sessionId: tokens.sessionId } }, { as: alice })
  await call('endOtherSessions', {}, { as: alice })
  const phoneNumber = newPhoneNumber()
  const opened = await ok<Verification>(
    'sendOtp',
    { body: { phoneNumber, purpose: 'changePhoneNumber' } },
    { as: alice },
  )
  const proof = { verificationId: opened.verificationId, code: codeFor(phoneNumber) }
  await ok('changePhoneNumber', { body: proof }, { as: alice })
  await ok('updateMe', { body: { username: `u${Date.now()}` } }, { as: bob })
}

/** Changes a chat while a delivery of it is under way. */
async function changeDuringDelivery(alice: TestUser, bob: TestUser) {
  const [faults, removeFaults] = injectFaults(() => 'hangs')
  await send(alice, bob, 'under way')
  await vi.waitUntil(() => faults.counts.hangs > 0)
  await ok('updateChat', { params: { chatId: bob.id }, body: { markedUnread: true } }, { as: alice })
  faults.next = () => 'none'
  faults.releaseHung()
  removeFaults()
  await vi.waitUntil(async () => (await list(bob, alice, { limit: 1 })).items[0]?.text === 'under way')
}

/** What is seldom: lost calls, blocks with something due, a profile that nobody reported, a wake. */
async function failAndRecover(alice: TestUser, bob: TestUser) {
  const [faults, removeFaults] = injectFaults(() => 'dropped')
  for (let n = 0; n <= limits.deliveryRowsMax; n++) await send(alice, bob, `late ${n}`)
  const [late] = (await list(alice, bob, { limit: 1 })).items
  if (late) await remove(alice, bob, late, 'me')
  faults.next = () => 'none'
  removeFaults()
  await delivered(alice, bob)
  await changeDuringDelivery(alice, bob)
  await ok('blockUser', { params: { userId: alice.id } }, { as: bob })
  await send(alice, bob, 'refused')
  await delivered(alice)
  await ok('unblockUser', { params: { userId: alice.id } }, { as: bob })
  await send(alice, bob, 'passes over it')
  await delivered(alice, bob)
  await inMailbox(alice.id, `INSERT INTO search (rowid, words) VALUES (1, 'of an earlier version')`)
  for (let n = 0; n < 3; n++) {
    await inMailbox(alice.id, `INSERT OR REPLACE INTO meta (key, value) VALUES ('profile_due', '1')`)
    await evictDurableObject(stubOf(alice.id))
    await runInDurableObject(stubOf(alice.id), (mailbox: Mailbox) => mailbox.alarm())
  }
  await send(alice, bob, 'awake')
  await delivered(alice, bob)
  await call('clearChat', { params: { chatId: bob.id } }, { as: alice })
  await runDurableObjectAlarm(stubOf(alice.id))
  await call('deleteFile', { params: { fileId: (await upload(alice)).id } }, { as: alice })
  const fault = faultStorage('R2 delete', 'lost', 1)
  for (const seconds of [100_000, 200_000]) {
    await later(seconds, () => runInDurableObject(stubOf(alice.id), (mailbox: Mailbox) => mailbox.alarm()))
    fault.remove()
  }
}

/** Most of these wait for a provider that fails, or for days to pass. */
async function askForCodes() {
  const { DB: db } = env
  const config = readConfig(env)
  const now = Date.now()
  const phoneNumber = newPhoneNumber()
  const keys = sendKeys(config, phoneNumber, '198.51.100.7')
  const asked: Send = { id: 'ver_1', keys, channel: 'sms', trust: 'unknown', requestKeys: ['a key'], now }
  const budgets = sendBudgets(config.OTP_BUDGETS)
  await availability.find(db, asked, budgets)
  await otpSends.isInProgress(db, asked)
  await otpSends.refund(db, 'ver_1')
  await otpSends.markOutcomeUnknown(db, 'ver_1')
  await breakers.trip(db, keys, budgets, ['servicePerDay'], now)
  await knownNetworks.forget(db, keys.number)
  await users.remove(db, 'usr_nobody')
  await users.registeredNumbers(db, formsOf('+541123456780'))
  await users.findOrCreate(db, '+5491123456780', 'usr_nobody', now)
  await users.remove(db, 'usr_nobody')
  await users.findByAvatar(db, 'fil_nobodys')
  const { verificationId } = await ok<Verification>('sendOtp', {
    body: { phoneNumber, clientRequestId: crypto.randomUUID() },
  })
  await call('verifyOtp', { body: { verificationId, code: '000000' } })
  const [seen, verification] = [
    await openCodes.find(db, phoneNumber, now),
    await verifications.find(db, verificationId),
  ]
  if (!verification) throw new Error('The verification is not there')
  await otpChecks.take(db, { id: 'chk_1', verification, seen }, now)
  await otpChecks.refund(db, 'chk_1')
  await otpChecks.takeOfUsedCode(db, 'chk_2', verification, verification)
  for (const isRight of [true, false]) await otpChecks.mayRepeatCode(db, { id: 'chk_3', verification, isRight })
  await verifications.findOpened(db, phoneNumber, ['a key'], now)
  await verifications.findApproved(db, verification, now)
  for (const table of expiredRows.tables) await expiredRows.deleteSlice(db, table, 0, 0)
}

async function leave(bob: TestUser, alice: TestUser) {
  await call('deleteMe', {}, { as: bob })
  for (let n = 0; n < 5; n++) {
    await runDurableObjectAlarm(stubOf(bob.id))
    await later(1_000, () => runDurableObjectAlarm(stubOf(bob.id)))
  }
  await delivered(alice)
  await newUser()
}
