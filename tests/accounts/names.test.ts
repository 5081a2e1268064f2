import { env } from 'cloudflare:workers'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Me, User } from '../../schemas/user'
import { isReservedUsername } from '../../src/core/reserved-usernames'
import { misleadingInName, misleadingInText } from '../../src/core/shown-text'
import { ok, refused } from '../support/call'
import { newUser } from '../support/users'

const genuine = [
  'Ana',
  'José María',
  "O'Neill-Łukasz",
  '佐藤 花子',
  '渡邉\u{E0100}',
  '김철수',
  'محمد',
  'דוד',
  'مهدی‌نیا',
  'علی‌رضا',
  'श्री क्‍ष',
  'নাসির্‌',
  'അവന്‍',
  'ක්‍රිස්',
  'ᠮᠣᠩᠭᠣᠯ᠎ᠠ',
  '👩‍👩‍👧',
  'Ana 🏴‍☠️ ❤️ 1️⃣',
  '🏴󠁧󠁢󠁥󠁮󠁧󠁿',
  '🫩‍🟩',
  '👍🏽',
  '؀١',
  '☺︎',
  '42',
]

const invisible = [
  ...[
    '\u00AD',
    '\u034F',
    '\u061C',
    '\u115F',
    '\u1160',
    '\u17B4',
    '\u180E',
    '\u200B',
    '\u200C',
    '\u200D',
    '\u200E',
    '\u200F',
  ],
  ...[
    '\u202A',
    '\u202D',
    '\u202E',
    '\u2060',
    '\u2064',
    '\u2066',
    '\u2069',
    '\u206A',
    '\u2800',
    '\u3164',
    '\uFE00',
    '\uFE0F',
  ],
  ...['\uFEFF', '\uFFA0', '\uFFF9', '\u{1D173}', '\u{E0001}', '\u{E0061}', '\u{E0100}', '\u{E0FFF}'],
  // Drawn as nothing, although they are no format characters.
  ...['\u{1D159}', '\u{13441}', '\u{13442}', '\u{16FE4}'],
]

describe('a name that others see', () => {
  test.each(genuine)('can be %s', (name) => {
    expect(misleadingInName(name)).toBeNull()
    expect(misleadingInText(name)).toBeNull()
  })

  test('cannot have an invisible character between, before or after its letters', () => {
    for (const character of invisible)
      for (const name of [
        `A${character}na`,
        `${character}Ana`,
        `Ana${character}`,
        `Ana ${character} Silva`,
        `7${character}`,
      ])
        expect(misleadingInName(name), JSON.stringify(name)).not.toBeNull()
  })

  test('cannot have a joiner where its script joins nothing, or more of them than one', () => {
    for (const name of ['علی‌', '‌علی', 'عل‌‌ی', 'क‍‍ष', '👩‍', '‍👩', '👩‍A', '🏴󠁧', 'Ж‌ж', '漢‍字', 'ع‌a', 'a\u180E\u180E'])
      expect(misleadingInName(name), JSON.stringify(name)).not.toBeNull()
  })

  test('must show something', () => {
    const nothing = [
      ' ',
      '\u3000\u00A0',
      '\u0301',
      '\u200D',
      '\u2800\u2800',
      '\u3164',
      '\uFE0F',
      '\u{E0061}',
      '\u{1D159}',
      '\u{13441}\u{13442}',
      '\u{16FE4}',
      '\u00A0\u0301',
    ]
    for (const name of nothing) {
      expect(misleadingInName(name), JSON.stringify(name)).not.toBeNull()
      expect(misleadingInText(name), JSON.stringify(name)).not.toBeNull()
    }
  })

  test('cannot have line breaks or control characters', () => {
    for (const character of ['\n', '\r', '\t', '\u0085', '\u2028', '\u2029', '\u0001', '\u007F'])
      expect(misleadingInName(`Ana${character}Silva`), JSON.stringify(character)).not.toBeNull()
  })

  test('looks different from any other: without its unseen characters, it stays itself unless a script needs them', () => {
    const letters = fc.constantFrom(...'aZé ж漢한אع1-😀')
    const unseen = fc.constantFrom(...invisible.filter((one) => !['\u{E0100}', '\uFE00', '\uFE0F'].includes(one)))
    const parts = fc.array(fc.oneof(letters, unseen), { minLength: 1, maxLength: 12 })
    const isUnseen = /[\p{Default_Ignorable_Code_Point}\p{Bidi_Control}\p{Cf}\u2800]/v
    // Of these characters, only the Arabic letter and the emoji join, and only to themselves.
    const between = /(?<=ع)[\u200C\u200D](?=ع)|(?<=😀)\u200D(?=😀)/gu
    fc.assert(
      fc.property(parts, (characters) => {
        const name = characters.join('')
        const accepted = misleadingInName(name) === null
        if (accepted) expect(isUnseen.test(name.replaceAll(between, '')), JSON.stringify(name)).toBe(false)
      }),
      { numRuns: 2_000 },
    )
  })

  test('is refused by updateMe with its pointer, and one stored before stays readable', async () => {
    const user = await newUser()
    for (const field of ['firstName', 'lastName', 'about']) {
      const { body } = await refused(
        'updateMe',
        'invalid_request',
        { body: { [field]: 'Ana\u202Eadmin' } },
        { as: user },
      )
      expect(body.errors?.map(({ pointer }) => pointer)).toEqual([`/${field}`])
      await refused('updateMe', 'invalid_request', { body: { [field]: '\u3164' } }, { as: user })
      const taken = { [field]: 'علی‌رضا 👩‍👩‍👧' }
      expect(await ok<Me>('updateMe', { body: taken }, { as: user })).toMatchObject(taken)
    }
    const about = 'One\nTwo \u200Eabc'
    expect(await ok<Me>('updateMe', { body: { about } }, { as: user })).toMatchObject({ about })
    const stored = { firstName: '\u3164', username: 'admin' }
    await env.DB.prepare('UPDATE users SET first_name = ?, username = ? WHERE id = ?')
      .bind(stored.firstName, stored.username, user.id)
      .run()
    expect(await ok<Me>('getMe', {}, { as: user })).toMatchObject(stored)
    expect(await ok<User>('getUser', { params: { userId: user.id } }, { as: await newUser() })).toMatchObject(stored)
  })

  test('of a file cannot disguise its ending', async () => {
    const user = await newUser()
    const upload = (name: string) => ({ raw: 'x', query: { name }, headers: { 'Content-Type': 'text/plain' } })
    for (const character of ['\u202E', '\u202B', '\u2067', '\u200E']) {
      const form = new FormData()
      form.append('file', new File(['x'], `a${character}gpj.exe`))
      for (const input of [upload(`a${character}gpj.exe`), { raw: form }])
        expect(await ok('uploadFile', input, { as: user })).toMatchObject({ name: 'agpj.exe' })
    }
  })
})

describe('a username of the app’s own', () => {
  const imitations = [
    ...[
      'admin',
      'ADMIN',
      'a_d_m_i_n',
      '_admin_',
      '4dm1n',
      'admln',
      'adrnin',
      'admin1',
      'admin_2026',
      '24admin',
      'Supp0rt',
    ],
    ...[
      '5y5tem',
      'offic1al',
      'OfflciaI',
      'he1p',
      'r00t',
      'secur1ty',
      'big_project',
      'BigProject_Team',
      'the_b1g_pr0ject',
    ],
  ]
  const people = [
    'ana_silva',
    'root_vegetable',
    'adminton',
    'helper',
    'supportive',
    'sysadmina',
    'badmin',
    'teamaria',
    '2468',
    '___',
  ]

  test.each(imitations)('or one that looks like it is reserved: %s', (username) => {
    expect(isReservedUsername(username)).toBe(true)
  })

  test.each(people)('is not contained in every other: %s', (username) => {
    expect(isReservedUsername(username)).toBe(false)
  })

  test('is refused by updateMe with its pointer, and nothing changes', async () => {
    const user = await newUser()
    for (const username of ['support', 'Supp0rt_1']) {
      const { body } = await refused(
        'updateMe',
        'username_reserved',
        { body: { username, firstName: 'Ana' } },
        { as: user },
      )
      expect(body.errors?.map(({ pointer }) => pointer)).toEqual(['/username'])
    }
    expect(await ok<Me>('getMe', {}, { as: user })).toMatchObject({ username: null, firstName: null })
  })
})
