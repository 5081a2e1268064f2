import { Refused } from '../typescript/problem'
import type { Problem } from '../typescript/schema'

/** What the user can mend: it is said as it is. */
export class Mistake extends Error {}

/** A problem in its own words: the title, and what is wrong with the input where that is known. */
export const saidByProblem = ({ title, errors }: Problem) => (errors?.[0] ? `${title}: ${errors[0].detail}` : title)

/** What to tell the user of anything that was thrown. */
export function saidBy(error: unknown) {
  if (error instanceof Mistake) return error.message
  if (error instanceof Refused) return saidByProblem(error.problem)
  return 'The server cannot be reached right now. Try again in a moment.'
}
