import { useEffect, useRef } from 'preact/hooks'
import type { Message } from '../typescript/schema'
import { isGroup } from '../typescript/state'
import type { Account } from './account'
import { dayName } from './dates'
import { EventItem } from './event-item'
import { LoadState } from './load-state'
import { useLogScroll } from './log-scroll'
import { MessageItem } from './message-item'
import { PendingItem } from './pending-item'
import type { Place } from './place'
import type { Subject } from './subject'
import { summaryOf } from './summary'

const groupMs = 5 * 60_000
const announcedAtOnce = 5

const dayOf = (message: Message) => new Date(message.createdAt).toDateString()

/** Messages that one person wrote in one go are shown close together. */
const isSameGroup = (earlier: Message | undefined, later: Message | undefined) =>
  earlier !== undefined &&
  later !== undefined &&
  earlier.senderId === later.senderId &&
  earlier.event === null &&
  later.event === null &&
  dayOf(earlier) === dayOf(later) &&
  Math.abs(Date.parse(later.createdAt) - Date.parse(earlier.createdAt)) < groupMs

/** Marks as read what is on the screen while the user is looking at it. */
function useReading(account: Account, chatId: string, isAtEnd: boolean) {
  useEffect(() => {
    const read = () => {
      if (isAtEnd && document.visibilityState === 'visible' && document.hasFocus()) account.markRead(chatId)
    }
    read()
    addEventListener('focus', read)
    document.addEventListener('visibilitychange', read)
    return () => {
      removeEventListener('focus', read)
      document.removeEventListener('visibilitychange', read)
    }
  })
}

/** Loads older messages of a group once the oldest that are held are near. */
function useOlder(account: Account, chatId: string, isNear: boolean): boolean {
  const isDue = isNear && isGroup(chatId) && account.connection === 'live' && account.groups.hasOlder(chatId)
  useEffect(() => {
    if (isDue) void account.groups.loadOlder(chatId)
  })
  return isDue
}

function Nothing({ account }: { account: Account }) {
  if (account.loading !== 'loaded') return <LoadState account={account} what="the messages" />
  return <p class="log-empty">No messages here yet. Say hello!</p>
}

/** While the reader is further up, what arrives is unread. */
const ToEnd = ({ count, onClick }: { count: number; onClick: () => void }) => (
  <button
    type="button"
    class="to-end"
    onClick={onClick}
    aria-label={`Go to latest message${count > 0 ? `, ${count} new` : ''}`}
  >
    ↓{count > 0 && <span class="badge">{count > 99 ? '99+' : count}</span>}
  </button>
)

/**
 * What arrives while the chat is open, for screen readers. The log itself does not tell: whatever scrolling puts into the
 * page would count as new.
 */
function Arrivals({ account, messages }: { account: Account; messages: Message[] }) {
  const seen = useRef('')
  if (seen.current === '' || account.loading !== 'loaded') seen.current = messages.at(-1)?.id ?? '0'
  const arrived = messages
    .slice(-announcedAtOnce)
    .filter(({ id, status, deletedAt }) => id > seen.current && status === null && deletedAt === null)
    .filter(({ senderId }) => !account.people.isMe(senderId))
  return (
    <section class="hidden" aria-live="polite" aria-relevant="additions" aria-label="New messages">
      {arrived.map((message) => (
        <p key={message.id}>
          {message.event === null && `${account.people.author(message.senderId)}: `}
          {summaryOf(message, account.people)}
        </p>
      ))}
    </section>
  )
}

interface RowProps extends Pick<MessageLogProps, 'account' | 'onSubject'> {
  messages: Message[]
  index: number
  /** Whether the row above it is a gap. */
  isCut: boolean
  isFound: boolean
}

/** A message, below its day if it is the first one of it. */
function Row({ messages, index, isCut, isFound, ...props }: RowProps) {
  const [previous, message, next] = [messages[index - 1], messages[index], messages[index + 1]]
  if (!message) return null
  const isNewDay = !previous || dayOf(previous) !== dayOf(message)
  return (
    <>
      {(isNewDay || isCut) && (
        <h2 class={isNewDay ? 'day' : 'day continued'}>
          <span>{dayName(message.createdAt)}</span>
        </h2>
      )}
      {message.event === null ? (
        <MessageItem
          {...{ ...props, message, isFound }}
          position={{ index, count: messages.length }}
          isFirst={!isSameGroup(previous, message)}
          isLast={!isSameGroup(message, next)}
        />
      ) : (
        <EventItem account={props.account} message={message} position={{ index, count: messages.length }} />
      )}
    </>
  )
}

interface MessageLogProps {
  account: Account
  place: Place
  onSubject: (subject: Subject) => void
}

export function MessageLog({ account, place, onSubject }: MessageLogProps) {
  const { chatId, messageId } = place
  const messages = account.messagesIn(chatId)
  const pending = account.pendingIn(chatId)
  const scroll = useLogScroll(messages, { target: messageId, sent: pending.length })
  useReading(account, chatId, scroll.isAtEnd)
  const isLoadingOlder = useOlder(
    account,
    chatId,
    scroll.rows.some((row) => 'index' in row && row.index === 0),
  )

  return (
    <div class="log-frame">
      <div
        class="log"
        ref={scroll.frame}
        onScroll={scroll.onScroll}
        onKeyDown={scroll.onKeyDown}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling area must be reachable by keyboard
        tabIndex={0}
        role="log"
        aria-live="off"
        aria-label="Messages"
      >
        <div class="log-content" ref={scroll.content}>
          {messages.length + pending.length === 0 && <Nothing account={account} />}
          {scroll.rows.map((row, at) => {
            if ('gapPx' in row)
              return <div key={`gap ${at === 0 ? 'above' : at}`} class="gap" style={{ height: `${row.gapPx}px` }} />
            const id = messages[row.index]?.id
            const isCut = 'gapPx' in (scroll.rows[at - 1] ?? row)
            return (
              <Row key={id} {...{ account, messages, onSubject, isCut }} index={row.index} isFound={id === messageId} />
            )
          })}
          {pending.map((item) => (
            <PendingItem key={item.message.clientMessageId} {...{ account, item }} />
          ))}
        </div>
      </div>
      {isLoadingOlder && (
        <p class="log-older" role="status">
          <span class="spinner" />
          Loading older messages…
        </p>
      )}
      <Arrivals {...{ account, messages }} />
      {!scroll.isAtEnd && <ToEnd count={account.chat(chatId)?.unreadCount ?? 0} onClick={scroll.toEnd} />}
    </div>
  )
}
