import { useState } from 'preact/hooks'
import type { Account } from './account'
import { Avatar } from './avatar'
import { isNameFor, typedMention } from './mentions'

const offeredMax = 6

interface Offer {
  id: string
  name: string
}

interface MentioningOptions {
  account: Account
  chatId: string
  text: string
  change: (text: string, caret: number) => void
}

/** Offers members while a mention is being typed: the arrow keys, Enter and Tab choose, Escape closes. */
export function useMentioning({ account, chatId, text, change }: MentioningOptions) {
  const [caret, setCaret] = useState(0)
  const [index, setIndex] = useState(0)
  const [closedAt, setClosedAt] = useState<number>()
  const mention = typedMention(text, Math.min(caret, text.length))
  const isOpen = mention !== undefined && mention.at !== closedAt
  const offers: Offer[] = isOpen
    ? account.groups
        .othersByName(chatId)
        .filter(({ name }) => isNameFor(mention.typed, name))
        .slice(0, offeredMax)
    : []
  const active = offers[Math.min(index, offers.length - 1)]

  const choose = ({ name }: Offer) => {
    if (!mention) return
    const written = `${text.slice(0, mention.at)}@${name} `
    setClosedAt(mention.at)
    setCaret(written.length)
    change(written + text.slice(mention.at + 1 + mention.typed.length), written.length)
  }
  /** Returns whether the key was for the list. */
  const onKey = (key: string): boolean => {
    if (!active) return false
    if (key === 'ArrowDown') setIndex((offers.indexOf(active) + 1) % offers.length)
    else if (key === 'ArrowUp') setIndex((offers.indexOf(active) + offers.length - 1) % offers.length)
    else if (key === 'Enter' || key === 'Tab') choose(active)
    else if (key === 'Escape') setClosedAt(mention?.at)
    else return false
    return true
  }
  const onCaret = (position: number) => {
    setCaret(position)
    setIndex(0)
    if (closedAt !== undefined && text[closedAt] !== '@') setClosedAt(undefined)
  }
  return { offers, active, choose, onKey, onCaret }
}

export const mentionListId = 'mention-list'
export const optionIdOf = ({ id }: Offer) => `mention-${id}`

interface MentionListProps {
  offers: Offer[]
  active: Offer | undefined
  onChoose: (offer: Offer) => void
}

/** The focus stays in the text: that names the active option. */
export function MentionList({ offers, active, onChoose }: MentionListProps) {
  if (offers.length === 0) return null
  return (
    <div class="mention-list" id={mentionListId} role="listbox" aria-label="Members to mention">
      {offers.map((offer) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the keys go to the text field
        // biome-ignore lint/a11y/useFocusableInteractive: the text field names the active option
        <div
          key={offer.id}
          id={optionIdOf(offer)}
          class="row"
          role="option"
          aria-selected={offer === active}
          onPointerDown={(event) => event.preventDefault()}
          onClick={() => onChoose(offer)}
        >
          <Avatar id={offer.id} name={offer.name} />
          <span class="row-name" dir="auto">
            {offer.name}
          </span>
        </div>
      ))}
    </div>
  )
}
