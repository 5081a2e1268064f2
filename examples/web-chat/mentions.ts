// Mentions in a text: an at sign and the name of a member, as their profile has it, so that all members see the same.

/** How much of a name may have been typed. */
const typedMax = 40

const isPartOfName = (character: string | undefined) => character !== undefined && /[\p{L}\p{M}\p{N}]/u.test(character)

export interface Mention {
  userId: string
  start: number
  end: number
}

/** The members that a text mentions, in order; of names that begin alike, the longest counts. */
export function mentionsIn(text: string, names: ReadonlyMap<string, string>): Mention[] {
  const byLength = [...names].filter(([, name]) => name !== '').sort(([, a], [, b]) => b.length - a.length)
  const found: Mention[] = []
  for (const { index } of text.matchAll(/@/g)) {
    const start = index + 1
    const [userId, name = ''] =
      byLength.find(([, name]) => text.startsWith(name, start) && !isPartOfName(text[start + name.length])) ?? []
    if (userId !== undefined) found.push({ userId, start: index, end: start + name.length })
  }
  return found
}

/** What is typed of a mention before the caret: where the at sign is, and what follows it. */
export function typedMention(text: string, caret: number): { at: number; typed: string } | undefined {
  const before = text.slice(0, caret)
  const at = before.lastIndexOf('@')
  const typed = before.slice(at + 1)
  const isOne = at >= 0 && !isPartOfName(before[at - 1]) && !typed.includes('\n') && typed.length <= typedMax
  return isOne ? { at, typed } : undefined
}

/** Whether a name, or a word in it, begins with what is typed. */
export const isNameFor = (typed: string, name: string) => {
  const [wanted, full] = [typed.toLowerCase(), name.toLowerCase()]
  return full.startsWith(wanted) || full.split(/\s+/).some((word) => word.startsWith(wanted))
}
