/** A breaking change that the next release makes on purpose. */
export interface AcceptedBreak {
  /** The line of `breakingChanges`. */
  break: string
  reason: string
}

const isAccepted = (entry: object): entry is AcceptedBreak => {
  const { break: line, reason }: Partial<Record<string, unknown>> = { ...entry }
  return typeof line === 'string' && typeof reason === 'string' && reason.trim() !== ''
}

/** Parses the committed list. Throws if an entry has no reason. */
export function parseAcceptedBreaks(json: string): AcceptedBreak[] {
  const entries: unknown = JSON.parse(json)
  if (!Array.isArray(entries)) throw new Error('The accepted breaks must be a list.')
  return entries.map((entry) => {
    if (isAccepted(Object(entry))) return entry
    throw new Error(`An accepted break needs a "break" and a "reason": ${JSON.stringify(entry)}`)
  })
}

/** What is wrong: breaks that have not been accepted (`refused`), and accepted breaks that do not occur (`stale`). */
export function unsettled(breaks: string[], accepted: AcceptedBreak[]): { refused: string[]; stale: string[] } {
  const lines = accepted.map((entry) => entry.break)
  return {
    refused: breaks.filter((line) => !lines.includes(line)),
    stale: lines.filter((line) => !breaks.includes(line)),
  }
}
