import { Refused } from '../typescript/problem'
import type { Problem } from '../typescript/schema'

/** An input error that the user can fix: shown as it is. */
export class Mistake extends Error {}

/** The text for a problem: its title, and what is wrong with the input if that is known. */
export const saidByProblem = ({ title, errors }: Problem) => (errors?.[0] ? `${title}: ${errors[0].detail}` : title)

/** The text to show for anything that was thrown. */
export function saidBy(error: unknown) {
  if (error instanceof Mistake) return error.message
  if (error instanceof Refused) return saidByProblem(error.problem)
  return 'Can’t reach the server right now. Try again in a moment.'
}
