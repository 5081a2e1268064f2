import { describe, expect, test } from 'vitest'
import type { Chat } from '../../schemas/chat'
import type { Contact } from '../../schemas/contact'
import type { File as StoredFile } from '../../schemas/file'
import type { Message } from '../../schemas/message'
import type { Session } from '../../schemas/session'
import { call, ok, refused } from '../support/call'
import * as chats from '../support/chat-calls'
import { later } from '../support/clock'
import { codeFor, newPhoneNumber, newUser, type TestUser } from '../support/users'

const file = (user: TestUser) =>
  ok<StoredFile>('uploadFile', { raw: 'x', headers: { 'Content-Type': 'text/plain' } }, { as: user })

const blank = [
  ...[' ', ' \n\t ', '\u200b', '\u3164', '\u2800', '\ufeff', '\u200e\u200f', '\u00ad', '\u3000\u00a0', '\u115f\uffa0'],
  ...['\ufe0f', '\u{e0061}\u{e007f}', '\u0001', '\u001b\u007f', '\u{1d159}', '\u{13441}\u{13442}', '\u{16fe4}'],
]

describe('a message', () => {
  test.each(blank)('that shows nothing is refused, sent or edited: %j', async (text) => {
    const [ana, ben] = await chats.pair()
    const message = await chats.send(ana, ben, 'hello')
    const params = { chatId: ben.id }
    const body = { clientMessageId: crypto.randomUUID(), text }
    const sent = await refused('sendMessage', 'invalid_request', { params, body }, { as: ana })
    expect(sent.body.errors?.map(({ pointer }) => pointer)).toEqual(['/text'])
    await refused(
      'editMessage',
      'invalid_request',
      { params: { ...params, messageId: message.id }, body: { text } },
      { as: ana },
    )
    expect((await chats.list(ana, ben)).items.map((one) => one.text)).toEqual(['hello'])
  })

  test.each(['.', '0', '👍', '❤', '\u202ertl', 'a\nb', ' a ', '\u200dx', '†'])(
    'keeps its text as it is: %j',
    async (text) => {
      const [ana, ben] = await chats.pair()
      expect((await chats.send(ana, ben, text)).text).toBe(text)
    },
  )

  test.each(['', null])('loses its caption to an edit to %j, on both sides', async (nothing) => {
    const [ana, ben] = await chats.friends()
    const { id } = await file(ana)
    const message = await chats.send(ana, ben, 'a caption', { attachmentFileIds: [id] })
    await chats.delivered(ana)
    const params = { chatId: ben.id, messageId: message.id }
    const edited = await ok<Message>('editMessage', { params, body: { text: nothing } }, { as: ana })
    expect(edited).toMatchObject({ text: '', attachments: [{ fileId: id }], editedAt: expect.any(String) })
    await chats.delivered(ana)
    expect(await chats.get(ben, ana, message)).toMatchObject({ text: '', attachments: [{ fileId: id }] })
    const restored = await ok<Message>('editMessage', { params, body: { text: 'again' } }, { as: ana })
    expect(restored.text).toBe('again')
  })

  test.each(['', null])('of text alone cannot be edited to %j', async (nothing) => {
    const [ana, ben] = await chats.pair()
    const message = await chats.send(ana, ben, 'hello')
    const input = { params: { chatId: ben.id, messageId: message.id }, body: { text: nothing } }
    const { body } = await refused('editMessage', 'invalid_request', input, { as: ana })
    expect(body.errors?.map(({ pointer }) => pointer)).toEqual(['/text'])
    expect((await chats.get(ana, ben, message)).text).toBe('hello')
  })

  test('with an empty text and attachments is the same as without a text', async () => {
    const [ana, ben] = await chats.pair()
    const { id } = await file(ana)
    const body = { clientMessageId: crypto.randomUUID(), text: '', attachmentFileIds: [id] }
    const first = await ok<Message>('sendMessage', { params: { chatId: ben.id }, body }, { as: ana })
    const { text: _, ...without } = body
    expect((await ok<Message>('sendMessage', { params: { chatId: ben.id }, body: without }, { as: ana })).id).toBe(
      first.id,
    )
    const neither = { clientMessageId: crypto.randomUUID(), text: '' }
    await refused('sendMessage', 'invalid_request', { params: { chatId: ben.id }, body: neither }, { as: ana })
  })
})

const misleading = [...blank, 'a\nb', 'a\rb', 'a\u0007b', 'a\u2028b', '\u202eevil', 'a\u2067b', 'a\u200bb']

describe('a name of one line', () => {
  test.each(misleading)('of a contact or a device cannot be %j', async (name) => {
    const [ana, ben] = await chats.pair()
    const contact = await refused(
      'saveContact',
      'invalid_request',
      { params: { userId: ben.id }, body: { name } },
      { as: ana },
    )
    expect(contact.body.errors?.map(({ pointer }) => pointer)).toEqual(['/name'])
    const phoneNumber = newPhoneNumber()
    const { verificationId } = await ok<{ verificationId: string }>('sendOtp', { body: { phoneNumber } })
    const body = { verificationId, code: codeFor(phoneNumber), deviceName: name }
    const device = await refused('verifyOtp', 'invalid_request', { body })
    expect(device.body.errors?.map(({ pointer }) => pointer)).toEqual(['/deviceName'])
    await ok('verifyOtp', { body: { ...body, deviceName: 'Ana’s phone' } })
  })

  test.each(['Ana’s phone', '👨‍👩‍👧 tablet', 'می‌خواهم', '光'])('can be %j', async (name) => {
    const [ana, ben] = await chats.pair()
    const { name: saved } = await ok<Contact>(
      'saveContact',
      { params: { userId: ben.id }, body: { name } },
      { as: ana },
    )
    expect(saved).toBe(name)
    const phoneNumber = newPhoneNumber()
    const { verificationId } = await ok<{ verificationId: string }>('sendOtp', { body: { phoneNumber } })
    const body = { verificationId, code: codeFor(phoneNumber), deviceName: name }
    const { tokens } = await ok<{ tokens: { accessToken: string } }>('verifyOtp', { body })
    const { items } = await ok<{ items: Session[] }>('listSessions', {}, { as: tokens })
    expect(items[0]?.deviceName).toBe(name)
  })
})

describe('a mute', () => {
  const mute = (user: TestUser, peer: { id: string }, mutedUntil: string) =>
    ok<Chat>('updateChat', { params: { chatId: peer.id }, body: { mutedUntil } }, { as: user })

  test.each([
    ['9999-12-31T23:59:59-03:00', '9999-12-31T23:59:59.999Z'],
    ['9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z'],
    ['9999-12-31T00:00:00-23:59', '9999-12-31T23:59:00.000Z'],
    ['2099-01-01T00:00:00+14:00', '2098-12-31T10:00:00.000Z'],
    ['2099-01-01t00:00:00z', '2099-01-01T00:00:00.000Z'],
    ['2099-01-01T00:00:00.123456789Z', '2099-01-01T00:00:00.123Z'],
    ['2099-06-30T23:59:60Z', '2099-06-30T23:59:59.000Z'],
    ['2099-07-01T05:29:60.5+05:30', '2099-06-30T23:59:59.500Z'],
    ['2099-01-01T00:00:00-00:00', '2099-01-01T00:00:00.000Z'],
    ['1960-01-01T00:00:00Z', null],
    ['0000-01-01T00:00:00+23:59', null],
    ['2020-01-01T00:00:00Z', null],
  ])('until %s is told as %s, everywhere', async (mutedUntil, told) => {
    const [ana, ben] = await chats.pair()
    await chats.send(ana, ben, 'hello')
    expect((await mute(ana, ben, mutedUntil)).mutedUntil).toBe(told)
    expect((await chats.chat(ana, ben)).mutedUntil).toBe(told)
    const { items } = await ok<{ items: Chat[] }>('listChats', {}, { as: ana })
    expect(items[0]?.mutedUntil).toBe(told)
    const changes = await ok<{ chats: Chat[] }>('listChanges', {}, { as: ana })
    expect(changes.chats[0]?.mutedUntil).toBe(told)
  })

  test.each([
    '2099-01-01T24:00:00Z',
    '2099-02-29T00:00:00Z',
    '2099-01-01T00:00:61Z',
    '2099-01-01T00:60:00Z',
    '2099-01-01T00:00:00+24:00',
    '2099-01-01T00:00:00+0100',
    '2099-01-01T00:00:00',
    '2099-01-01 00:00:00Z',
    '2099-01-01T00:00Z',
    '+012099-01-01T00:00:00Z',
    '2099-01-01T00:00:00[UTC]',
    '4070908800000',
    '',
  ])('until %j, which is no time of RFC 3339, is refused and changes nothing', async (mutedUntil) => {
    const [ana, ben] = await chats.pair()
    await chats.send(ana, ben, 'hello')
    await mute(ana, ben, '2099-01-01T00:00:00Z')
    const input = { params: { chatId: ben.id }, body: { mutedUntil } }
    const { body } = await refused('updateChat', 'invalid_request', input, { as: ana })
    expect(body.errors?.map(({ pointer }) => pointer)).toEqual(['/mutedUntil'])
    expect((await chats.chat(ana, ben)).mutedUntil).toBe('2099-01-01T00:00:00.000Z')
  })

  test('that has passed is told no more', async () => {
    const [ana, ben] = await chats.pair()
    await chats.send(ana, ben, 'hello')
    const until = new Date(Date.now() + 60_000).toISOString()
    expect((await mute(ana, ben, until)).mutedUntil).toBe(until)
    await later(61, async () => expect((await chats.chat(ana, ben)).mutedUntil).toBeNull())
  })

  test('in the search for a time at the end of all is no error', async () => {
    const ana = await newUser()
    for (const time of ['9999-12-31T23:59:59-23:59', '0000-01-01T00:00:00+23:59', '2016-12-31t23:59:60z'])
      for (const query of [
        { q: 'x', after: time },
        { q: 'x', before: time },
      ])
        expect((await call('searchMessages', { query }, { as: ana })).status).toBe(200)
  })
})
