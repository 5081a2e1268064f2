import { useEffect, useState } from 'preact/hooks'
import type { MessageHit } from '../typescript/schema'
import type { Account } from './account'
import { Avatar } from './avatar'
import { ChatRow } from './chat-row'
import { shortTime } from './dates'
import { Failed } from './load-state'
import type { Place } from './place'
import { saidBy } from './problems'
import { useRoving } from './roving'

interface SearchResultsProps {
  account: Account
  words: string
  onOpen: (place: Place) => void
}

const waitMs = 250

interface Found {
  items?: MessageHit[]
  /** Whether there are more than the first page has. */
  isCut?: boolean
  fault?: string
}

/** Searches once typing pauses, and drops the response to an outdated query. */
function useSearch(account: Account, words: string) {
  const [found, setFound] = useState<Found>({})
  const [attempt, setAttempt] = useState(0)
  useEffect(() => {
    let isCurrent = true
    const show = (next: Found) => isCurrent && setFound(next)
    setFound(({ fault: _, ...shown }) => shown)
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
  }, [account, words, attempt])
  return { ...found, retry: () => setAttempt(attempt + 1) }
}

/** The part of the text around the first match, with all matches marked. */
function Snippet({ text, snippet }: MessageHit) {
  const [first] = snippet
  return (
    <>
      {first && !text.startsWith(first.text) && '…'}
      {snippet.map((part, index) => (part.isMatch ? <mark key={index}>{part.text}</mark> : part.text))}
    </>
  )
}

interface MessageRowProps extends Omit<SearchResultsProps, 'words'> {
  message: MessageHit
  tabIndex: number
  onFocus: () => void
}

function MessageRow({ account, message, onOpen, ...focus }: MessageRowProps) {
  const { chatId, id: messageId } = message
  const { name, avatarUrl } = account.people.of(chatId)
  return (
    <li>
      <button type="button" class="row" onClick={() => onOpen({ chatId, messageId })} {...focus}>
        <Avatar id={chatId} name={name} url={avatarUrl} />
        <span class="row-text">
          <span class="row-name" dir="auto">
            {name}
          </span>
          <span class="row-summary" dir="auto">
            <Snippet {...message} />
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
  const { items, isCut, fault, retry } = useSearch(account, words)
  const wanted = words.trim().toLowerCase()
  const chats = account.chats().filter(({ id }) => account.people.of(id).name.toLowerCase().includes(wanted))
  const chatRows = useRoving(
    chats.map(({ id }) => id),
    undefined,
  )
  const messageRows = useRoving(items?.map(({ id }) => id) ?? [], undefined)
  const count =
    items && `${items.length || 'No'}${isCut ? '+' : ''} message${items.length === 1 && !isCut ? '' : 's'} found`
  return (
    <>
      {chats.length > 0 && (
        <ul class="rows" aria-label="Chats found" {...chatRows.list}>
          {chats.map((chat) => (
            <ChatRow
              key={chat.id}
              {...{ account, chat }}
              onOpen={() => onOpen({ chatId: chat.id })}
              {...chatRows.rowOf(chat.id)}
            />
          ))}
        </ul>
      )}
      <p class="results-count" role="status">
        {fault === undefined && (count ?? 'Searching…')}
      </p>
      {fault !== undefined && <Failed text={`The messages could not be searched. ${fault}`} onRetry={retry} />}
      {items?.length === 0 && fault === undefined && (
        <div class="empty">
          <p>Words are found by their beginnings, in any order. Try fewer or shorter ones.</p>
        </div>
      )}
      <ul class="rows" aria-label="Messages found" {...messageRows.list}>
        {items?.map((message) => (
          <MessageRow key={message.id} {...{ account, message, onOpen }} {...messageRows.rowOf(message.id)} />
        ))}
      </ul>
    </>
  )
}
