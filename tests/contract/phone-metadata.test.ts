import { parsePhoneNumberFromString } from 'libphonenumber-js/core'
import library from 'libphonenumber-js/metadata.min.json'
import { expect, test } from 'vitest'
import { countryOf, readPhoneNumber } from '../../src/core/phone'
import exampleNumbers from '../verification/example-numbers.json'

const formatsIndex = 4
const typesIndex = 11

const asWritten = (input: string, region: string) => readPhoneNumber(input, region)?.written ?? null

/** What every number of a country matches, in place of what those of each type match. Where types are told, each is a list. */
const ofAnyType = (types: unknown) => {
  const patterns = Array.isArray(types) ? types.flatMap((type) => type?.[0] || []) : []
  return patterns.length === 0 ? types : [[patterns.join('|')]]
}

/**
 * The library's metadata without the formats in which numbers are shown, more than half of it, and without telling types
 * of numbers apart. Countries that share a calling code are told apart by whether a number is of any type.
 */
function bundledMetadata() {
  const { countries, nonGeographic, ...others } = structuredClone(library)
  for (const entry of [...Object.values(countries), ...Object.values(nonGeographic)]) {
    const fields: unknown[] = entry
    fields[formatsIndex] = 0
    if (fields[typesIndex]) fields[typesIndex] = ofAnyType(fields[typesIndex])
  }
  return { ...others, countries, nonGeographic }
}

test('the bundled metadata is the library’s, without formats and types', async () => {
  const text = `// Generated: \`npm test -- tests/contract/phone-metadata.test.ts --update\` writes it.

/** The metadata of libphonenumber-js, without the formats in which numbers are shown, and without types of numbers. */
export const phoneMetadataText = String.raw\`${JSON.stringify(bundledMetadata())}\`
`
  await expect(text).toMatchFileSnapshot('../../src/core/phone-metadata.ts')
})

/** Examples of each region, one of each kind of number, as people write them and with mistakes. */
const written = Object.entries(exampleNumbers).flatMap(([region, numbers]) =>
  numbers.flatMap((e164) => {
    const parsed = parsePhoneNumberFromString(e164, library)
    const [number, international] = [parsed?.nationalNumber ?? '', parsed?.formatInternational() ?? '']
    return [international, `00${e164.slice(1)}`, parsed?.formatNational() ?? '', number, `0${number}`]
      .concat(number.slice(1), `${number}0`, `${number}00`, `${international} ext. 5`, `+1${number}`, `+44${number}`)
      .map((input) => ({ input, region }))
  }),
)

test('numbers of every region are understood as with the library’s whole metadata', () => {
  const differing = written.filter(({ input, region }) => {
    const parsed = parsePhoneNumberFromString(input, { defaultCountry: region as 'PT', extract: false }, library)
    const expected = parsed?.isPossible() && !parsed.ext ? parsed.number : null
    if (asWritten(input, region) !== expected) return true
    if (expected === null) return false
    const known = parsePhoneNumberFromString(expected, library)
    return countryOf(expected).country !== (known?.country ?? known?.getPossibleCountries()[0] ?? null)
  })
  expect(differing).toEqual([])
  expect(written.filter(({ input, region }) => asWritten(input, region) !== null).length).toBeGreaterThan(6_000)
})
