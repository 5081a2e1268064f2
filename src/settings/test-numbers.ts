import { z } from 'zod'
import { canonicalForm } from '../core/phone-forms'

/**
 * Phone numbers for the people who review an app before it is in its store: each with the code that signs in with it,
 * and the time at which it becomes an ordinary number. The number is in E.164; the code has 6 to 10 digits.
 */
export const TestNumbers = z
  .record(
    z.string().regex(/^\+[1-9]\d{6,14}$/, 'a number in E.164'),
    z.strictObject({
      code: z.string().regex(/^\d{6,10}$/, 'a code of 6 to 10 digits'),
      expiresAt: z.iso.datetime({ offset: true }).transform((time) => Date.parse(time)),
    }),
  )
  .transform((numbers) => Object.fromEntries(Object.entries(numbers).map(([form, one]) => [canonicalForm(form), one])))
export type TestNumbers = z.infer<typeof TestNumbers>

export const testNumber = (numbers: TestNumbers, phoneNumber: string, now: number) => {
  const found = numbers[canonicalForm(phoneNumber)]
  return found && found.expiresAt > now ? found : null
}

export const isTestNumber = (numbers: TestNumbers, phoneNumber: string, now: number) =>
  testNumber(numbers, phoneNumber, now) !== null
