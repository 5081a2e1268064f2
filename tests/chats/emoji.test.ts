import { expect, test } from 'vitest'
import { Emoji, type Message } from '../../schemas/message'
import { call, ok } from '../support/call'
import * as chats from '../support/chat-calls'

const isEmoji = /^\p{Emoji}$/v
const isRecommended = /^\p{RGI_Emoji}$/v
const characters = Array.from({ length: 0x20000 }, (_, codePoint) => codePoint)
  .filter((codePoint) => codePoint < 0xd800 || codePoint > 0xdfff)
  .map((codePoint) => String.fromCodePoint(codePoint))
  .filter((character) => isEmoji.test(character))

const selector = '\ufe0f'
const joiner = '\u200d'
const tones = ['\u{1f3fb}', '\u{1f3fc}', '\u{1f3fd}', '\u{1f3fe}', '\u{1f3ff}']
/** What follows a joiner in sequences of roles, hair, directions, hearts, and flags. */
const joined = [
  ...['♀', '♂', '⚕', '⚖', '✈', '➡', '☠', '⚧', '↔', '↕', '❤', '🌈', '🗨', '🔥', '🩹', '❄', '⬛', '🌾', '🍳', '🎓', '🎤'],
  ...[
    '🎨',
    '🏫',
    '🏭',
    '💻',
    '💼',
    '🔧',
    '🔬',
    '🚀',
    '🚒',
    '🦯',
    '🦰',
    '🦱',
    '🦲',
    '🦳',
    '🦼',
    '🦽',
    '🤝',
    '🧑',
    '💨',
    '💫',
    '🟩',
    '🟫',
    '💥',
    '🦺',
    '🎄',
    '🍼',
    '🩰',
    '🌫',
  ],
]

/** Two people, or two hands, each in any tone, and families. */
const toned = (emoji: string) => ['', ...tones].map((tone) => emoji + tone)
const people = ['👨', '👩', '🧑'].flatMap(toned)
const links = ['❤\ufe0f', '❤\ufe0f\u200d💋', '🤝', '🐰', '🫯'].map((link) => joiner + link + joiner)
const children = ['👦', '👧', '🧒'].flatMap((child) => [
  child,
  ...['👦', '👧', '🧒'].map((other) => child + joiner + other),
])
const parents = ['👨', '👩', '🧑'].flatMap((one) => [one, ...['👨', '👩', '🧑'].map((other) => one + joiner + other)])
const groups = [
  ...people.flatMap((one) => links.flatMap((link) => people.map((other) => one + link + other))),
  ...toned('🫱').flatMap((one) => toned('🫲').map((other) => one + joiner + other)),
  ...parents.flatMap((some) => children.map((others) => some + joiner + others)),
]

const letters = Array.from({ length: 26 }, (_, n) => String.fromCodePoint(0x1f1e6 + n))
const regionOf = (code: string) =>
  [...code].map((letter) => String.fromCodePoint(0xe0000 + letter.charCodeAt(0))).join('')
const flags = [
  ...letters.flatMap((one) => letters.map((other) => one + other)),
  ...['gbeng', 'gbsct', 'gbwls'].map((region) => `🏴${regionOf(region)}\u{e007f}`),
]

const characterSequences = characters.flatMap((character) =>
  ['', selector, ...tones].flatMap((mark) =>
    joined.flatMap((other) => [other, other + selector].map((end) => character + mark + joiner + end)),
  ),
)
const walking = `${joiner}➡\ufe0f`

const candidates = [
  ...characters.flatMap((character) => [character, character + selector, ...tones.map((tone) => character + tone)]),
  ...[...'0123456789#*'].map((key) => `${key}${selector}\u20e3`),
  ...[...flags, ...groups, ...characterSequences],
  ...characterSequences.filter((sequence) => isRecommended.test(sequence)).map((sequence) => sequence + walking),
]
const fullyQualified = [...new Set(candidates)].filter((one) => isRecommended.test(one))

/** Every way to leave out selectors. */
const spellings = (emoji: string) =>
  emoji
    .split(selector)
    .reduce<string[]>(
      (begun, part, index) =>
        index === 0 ? [part] : begun.flatMap((beginning) => [beginning + part, beginning + selector + part]),
      [],
    )

/** How many Unicode 17 recommends (emoji-test.txt). */
const recommendedCount = 3_953

test('every emoji is one in all of its spellings, and none is another', () => {
  expect(fullyQualified.length).toBeGreaterThanOrEqual(recommendedCount)
  const all = fullyQualified.flatMap((emoji) => spellings(emoji).map((spelling) => ({ emoji, spelling })))
  expect(all.length).toBeGreaterThan(fullyQualified.length + 600)
  expect(all.filter(({ emoji, spelling }) => Emoji.safeParse(spelling).data !== emoji)).toEqual([])
})

test.each(['a', '1', '#', '👍👍', '👍 ', ' 👍', '🇵', '\u200d', '\ufe0f', '👍\u200d', '❤\ufe0e', '👨‍👍', '🏽🏽', ''])(
  '%j is no emoji',
  (text) => {
    expect(Emoji.safeParse(text).success).toBe(false)
  },
)

test.each(['❤', '☺', '☹️', '👁‍🗨', '#⃣', '🏳‍🌈', '👍️'])('%s is added and removed in any spelling', async (spelling) => {
  const [ana, ben] = await chats.friends()
  const message = await chats.send(ana, ben, 'hello')
  await chats.delivered(ana)
  const qualified = Emoji.parse(spelling)
  for (const emoji of [spelling, qualified]) {
    const { reactions } = await chats.react(ben, ana, message, emoji)
    expect(reactions).toEqual([{ emoji: qualified, count: 1, own: true, userIds: [ben.id] }])
  }
  await chats.delivered(ben)
  expect((await chats.get(ana, ben, message)).reactions).toEqual([
    { emoji: qualified, count: 1, own: false, userIds: [ben.id] },
  ])
  const params = { chatId: ana.id, messageId: message.id, emoji: spelling }
  expect((await ok<Message>('removeReaction', { params }, { as: ben })).reactions).toEqual([])
  expect((await call('removeReaction', { params }, { as: ben })).status).toBe(200)
})
