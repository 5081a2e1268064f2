import { useEffect, useState } from 'preact/hooks'
import type { Message } from '../typescript/schema'
import type { Account } from './account'
import { Avatar } from './avatar'
import { ChatRow } from './chat-list'
import { shortTime } from './dates'
import type { Place } from './place'
import { saidBy } from './problems'

interface SearchResultsProps {
  account: Account
  words: string
  onOpen: (place: Place) => void
}

const waitMs = 250

interface Found {
  items?: Message[]
  /** Whether there are more than the first page has. */
  isCut?: boolean
  fault?: string
}

/** Searches once typing pauses, and drops the response to an outdated query. */
function useSearch(account: Account, words: string): Found {
  const [found, setFound] = useState<Found>({})
  useEffect(() => {
    let isCurrent = true
    const show = (next: Found) => isCurrent && setFound(next)
    const timer = setTimeout(() => {
      account.actions.search(words).then(
        ({ items, nextCursor }) => show({ items, isCut: nextCursor !== null }),
        (error) => show({ fault: saidBy(error) }),
      )
    }, waitMs)
    return () => {
      isCurrent = false
      clearTimeout(timer)
    }
  }, [account, words])
  return found
}

/** The text with the search terms marked, cut so that the first mark is visible. */
function Snippet({ text, words }: { text: string; words: string }) {
  const terms = words.split(/[^\p{L}\p{N}]+/u).filter((term) => term !== '')
  if (terms.length === 0) return <>{text}</>
  const pattern = new RegExp(`(?<![\\p{L}\\p{N}])(${terms.join('|')})`, 'giu')
  const start = Math.max(0, text.search(pattern) - 24)
  const parts = `${start > 0 ? '…' : ''}${text.slice(start)}`.split(pattern)
  return <>{parts.map((part, index) => (index % 2 === 1 ? <mark key={index}>{part}</mark> : part))}</>
}

function MessageRow({ account, message, words, onOpen }: SearchResultsProps & { message: Message }) {
  const { chatId, id: messageId } = message
  const { name, avatarUrl } = account.people.of(chatId)
  return (
    <li>
      <button type="button" class="row" onClick={() => onOpen({ chatId, messageId })}>
        <Avatar id={chatId} name={name} url={avatarUrl} />
        <span class="row-text">
          <span class="row-name">{name}</span>
          <span class="row-summary">
            <Snippet {...{ text: message.text, words }} />
          </span>
        </span>
        <span class="row-side">
          <time dateTime={message.createdAt}>{shortTime(message.createdAt)}</time>
        </span>
      </button>
    </li>
  )
}

/** Chats by the peer's name, from the local copy; messages by their words, from the server. */
export function SearchResults({ account, words, onOpen }: SearchResultsProps) {
  const { items, isCut, fault } = useSearch(account, words)
  const wanted = words.trim().toLowerCase()
  const chats = account.chats().filter(({ id }) => account.people.of(id).name.toLowerCase().includes(wanted))
  const count =
    items && `${items.length || 'No'}${isCut ? '+' : ''} message${items.length === 1 && !isCut ? '' : 's'} found`
  return (
    <>
      {chats.length > 0 && (
        <ul class="rows" aria-label="Chats found">
          {chats.map((chat) => (
            <ChatRow key={chat.id} {...{ account, chat }} onOpen={() => onOpen({ chatId: chat.id })} />
          ))}
        </ul>
      )}
      <p class="results-count" role="status">
        {fault ?? count ?? 'Searching…'}
      </p>
      <ul class="rows" aria-label="Messages found">
        {items?.map((message) => (
          <MessageRow key={message.id} {...{ account, message, words, onOpen }} />
        ))}
      </ul>
    </>
  )
}
