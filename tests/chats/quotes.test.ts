import { afterEach, describe, expect, test } from 'vitest'
import type { AccountExport } from '../../schemas/account-export'
import type { Changes } from '../../schemas/changes'
import type { MessageHits } from '../../schemas/search'
import { limits } from '../../src/core/limits'
import { ok } from '../support/call'
import { chat, delivered, get, list, pair, send } from '../support/chat-calls'
import { inMailbox, interceptCalls } from '../support/delivery-faults'

const max = limits.quoteCharactersMax
const long = 'x'.repeat(limits.textCharactersMax)
const end = 'z'.repeat(max)
const family = '👩‍👩‍👧‍👦'

const undo: (() => void)[] = []
afterEach(() => {
  for (const remove of undo.splice(0)) remove()
})

/** Peers of an older version, which quote texts as a whole. */
const fromOlderPeers = () =>
  undo.push(
    interceptCalls(({ method, input, make }) => {
      if (method === 'receive')
        for (const { replyTo } of (input[0] as { creations: { replyTo: { text: string } | null }[] }).creations)
          if (replyTo) replyTo.text = long
      return make()
    }),
  )

describe('the quote in a reply', () => {
  test.for([
    ['all of a text that fits', 'x'.repeat(max), 'x'.repeat(max)],
    ['all of a text of as many code points', '𝄞'.repeat(max), '𝄞'.repeat(max)],
    ['the beginning of a longer one', long, 'x'.repeat(max)],
    ['no half of a code point', `x${'𝄞'.repeat(max)}`, `x${'𝄞'.repeat(max - 1)}`],
    ['no part of an emoji', 'x'.repeat(max - 3) + family + end, 'x'.repeat(max - 3)],
    ['an emoji that fits', 'x'.repeat(max - 7) + family + end, 'x'.repeat(max - 7) + family],
    ['no letter without its accent', `${'x'.repeat(max - 1)}e\u0301${end}`, 'x'.repeat(max - 1)],
    ['no half of a flag', `x${'🇵🇹'.repeat(max)}`, `x${'🇵🇹'.repeat(max / 2 - 1)}`],
    ['a part of a character that is longer than a quote', `e${'\u0301'.repeat(max)}`, `e${'\u0301'.repeat(max - 1)}`],
  ] as const)('holds %s', async ([, text, quoted]) => {
    const [alice, bob] = await pair()
    const question = await send(alice, bob, text)
    const reply = await send(alice, bob, 'reply', { replyToId: question.id })
    expect(reply.replyTo).toEqual({ id: question.id, senderId: alice.id, text: quoted })
    await delivered(alice, bob)
    expect((await get(bob, alice, reply)).replyTo).toEqual(reply.replyTo)
  })

  test('is cut when it comes from a mailbox of an older version', async () => {
    const [alice, bob] = await pair()
    fromOlderPeers()
    const question = await send(alice, bob, long)
    const reply = await send(alice, bob, 'reply', { replyToId: question.id })
    await delivered(alice, bob)
    const [row] = await inMailbox<{ length: number }>(
      bob.id,
      `SELECT length(reply_to ->> 'text') AS length FROM messages WHERE id = '${reply.id}'`,
    )
    expect(row?.length).toBe(max)
  })

  test('is cut wherever it is read, if an older version has stored it as a whole', async () => {
    const [alice, bob] = await pair()
    const question = await send(alice, bob, long)
    const reply = await send(alice, bob, 'reply', { replyToId: question.id })
    await delivered(alice, bob)
    await inMailbox(alice.id, `UPDATE messages SET reply_to = json_set(reply_to, '$.text', '${long}')`)
    const changes = await ok<Changes>('listChanges', {}, { as: alice })
    const exported = await ok<AccountExport>('exportMe', {}, { as: alice })
    const read = [
      await get(alice, bob, reply),
      (await chat(alice, bob)).lastMessage,
      (await list(alice, bob)).items[0],
      (await ok<MessageHits>('searchMessages', { query: { q: 'reply' } }, { as: alice })).items[0],
      changes.messages.find(({ id }) => id === reply.id),
      exported.messages.find(({ id }) => id === reply.id),
    ]
    for (const message of read) expect(message).toMatchObject({ id: reply.id, replyTo: { text: 'x'.repeat(max) } })
  })

  test('is cut on its way to a peer, if an older version has stored it as a whole', async () => {
    const [alice, bob] = await pair()
    const sent: string[] = []
    let isReachable = false
    undo.push(
      interceptCalls(async ({ method, input, make }) => {
        if (method !== 'receive') return make()
        if (!isReachable) throw new Error('The call was lost')
        sent.push(JSON.stringify(input))
        return make()
      }),
    )
    const question = await send(alice, bob, 'question')
    await send(alice, bob, 'reply', { replyToId: question.id })
    await inMailbox(alice.id, `UPDATE messages SET reply_to = json_set(reply_to, '$.text', '${long}')`)
    isReachable = true
    await delivered(alice, bob)
    expect(sent.join()).toContain('x'.repeat(max))
    expect(sent.join()).not.toContain('x'.repeat(max + 1))
  })
})
