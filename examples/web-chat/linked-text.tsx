// Text in which web addresses are links. What people send is only ever text: nothing in it becomes markup.

/** Ends before quotes, brackets and marks of direction, which could make an address look like another. */
const address = /https?:\/\/[^\s<>"“”«»\u200e\u200f\u202a-\u202e\u2066-\u2069]+/giu

/** Without the punctuation of the sentence around it. A closing parenthesis stays if the address has opened it. */
function trimmed(found: string) {
  const count = (character: string) => found.split(character).length - 1
  let unopened = count(')') - count('(')
  let end = found.length
  for (; end > 0; end--) {
    const last = found.charAt(end - 1)
    if (last === ')' && unopened-- <= 0) break
    if (!".,:;!?…'’*_~]})".includes(last)) break
  }
  return found.slice(0, end)
}

/** The address to open; undefined for what is no web address, or pretends to be another: https://bank.example@evil.example */
function hrefOf(found: string) {
  const url = URL.parse(found)
  const isWeb = url?.protocol === 'https:' || url?.protocol === 'http:'
  return url && isWeb && url.username === '' && url.password === '' ? url.href : undefined
}

/** A part of the text that stands out. */
interface Marked {
  start: number
  end: number
}

interface Part {
  text: string
  href?: string | undefined
  isMarked?: boolean
}

function partsOf(text: string) {
  const parts: Part[] = []
  let end = 0
  for (const { 0: found, index } of text.matchAll(address)) {
    const shown = trimmed(found)
    parts.push({ text: text.slice(end, index) }, { text: shown, href: hrefOf(shown) })
    end = index + shown.length
  }
  return [...parts, { text: text.slice(end) }]
}

/** Between marked parts, which have no links in them, are parts with and without. */
function markedParts(text: string, marked: readonly Marked[]): Part[] {
  let at = 0
  const parts = marked.flatMap(({ start, end }): Part[] => {
    const before = partsOf(text.slice(at, start))
    at = end
    return [...before, { text: text.slice(start, end), isMarked: true }]
  })
  return [...parts, ...partsOf(text.slice(at))]
}

export const LinkedText = ({ text, marked = [] }: { text: string; marked?: readonly Marked[] }) => (
  <p class="text">
    {markedParts(text, marked).map((part, index) =>
      part.href === undefined ? (
        part.isMarked ? (
          <strong key={index} class="mention">
            {part.text}
          </strong>
        ) : (
          part.text
        )
      ) : (
        <a key={index} href={part.href} dir="ltr" target="_blank" rel="noopener noreferrer">
          {part.text}
        </a>
      ),
    )}
  </p>
)
