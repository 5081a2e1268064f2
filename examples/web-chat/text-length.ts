const charactersMax = 16_000

/** By how many characters a text is too long for a message. As the server counts: an emoji can be one, or several. */
export function charactersBeyond(text: string): number {
  if (text.length <= charactersMax) return 0
  let count = 0
  for (const _ of text) count++
  return Math.max(0, count - charactersMax)
}

const figures = new Intl.NumberFormat('en')

export const saidOfLength = (beyond: number) =>
  `Too long by ${figures.format(beyond)} character${beyond === 1 ? '' : 's'}: ` +
  `a message has at most ${figures.format(charactersMax)}.`
