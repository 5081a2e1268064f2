import { parsePhoneNumberFromString } from 'libphonenumber-js/core'
import examples from 'libphonenumber-js/examples.mobile.json'
import library from 'libphonenumber-js/metadata.min.json'
import { expect, test } from 'vitest'
import { countryOf, toE164 } from '../../src/core/phone'

const formatsIndex = 4

/** The library's metadata without the formats in which numbers are shown: more than half of it. */
function withoutFormats() {
  const { countries, nonGeographic, ...others } = structuredClone(library)
  for (const entry of [...Object.values(countries), ...Object.values(nonGeographic)]) entry[formatsIndex] = 0
  return { ...others, countries, nonGeographic }
}

test('the bundled metadata is the library’s, without formats', async () => {
  const text = `// Generated: \`npm test -- tests/contract/phone-metadata.test.ts --update\` writes it.

/** The metadata of libphonenumber-js, without the formats in which numbers are shown. */
export const phoneMetadataText = String.raw\`${JSON.stringify(withoutFormats())}\`
`
  await expect(text).toMatchFileSnapshot('../../src/core/phone-metadata.ts')
})

const regions = Object.keys(examples)

/** An example of each region, as people write it and with mistakes. */
const written = Object.entries(examples).flatMap(([region, number]) => {
  const parsed = parsePhoneNumberFromString(number, region as 'PT', library)
  const international = parsed?.formatInternational() ?? ''
  return [international, `00${parsed?.number.slice(1)}`, parsed?.formatNational() ?? '', number, `0${number}`]
    .concat(number.slice(1), `${number}0`, `${number}00`, `${international} ext. 5`, `+1${number}`, `+44${number}`)
    .map((input) => ({ input, region }))
})

test('numbers of every region are understood as with the library’s whole metadata', () => {
  expect(regions.length).toBeGreaterThan(200)
  const differing = written.filter(({ input, region }) => {
    const parsed = parsePhoneNumberFromString(input, { defaultCountry: region as 'PT', extract: false }, library)
    const expected = parsed?.isPossible() && !parsed.ext ? parsed.number : null
    if (toE164(input, region) !== expected) return true
    if (expected === null) return false
    const known = parsePhoneNumberFromString(expected, library)
    return countryOf(expected).country !== (known?.country ?? known?.getPossibleCountries()[0] ?? null)
  })
  expect(differing).toEqual([])
  expect(written.filter(({ input, region }) => toE164(input, region) !== null).length).toBeGreaterThan(1_000)
})
