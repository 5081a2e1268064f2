/** What happened in a run, for whoever reads about its failure. */
let lines: string[] = []
let isOpen = true

export const note = (...parts: unknown[]) => {
  if (isOpen) lines.push(parts.map((part) => (typeof part === 'string' ? part : JSON.stringify(part))).join(' '))
}

export const forget = () => {
  lines = []
  isOpen = true
}

/** Stops taking notes: only reads follow. */
export const close = () => {
  isOpen = false
}

const initials = { usr_: 'U', msg_: 'M' } as const

/** A text with short names in place of ids, numbered as they appear. */
function withNames(text: string): string {
  const names = new Map<string, string>()
  return text.replaceAll(/(usr_|msg_)\w{26}/g, (id, prefix: keyof typeof initials) => {
    const name = names.get(id) ?? `${initials[prefix]}${names.size}`
    names.set(id, name)
    return name
  })
}

/** The story of the last run, and how it ended. */
export const story = (error: unknown) =>
  withNames([...lines, error instanceof Error ? (error.stack ?? error.message) : String(error)].join('\n'))
