import { Fragment } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { Message } from '../typescript/schema'
import type { Account } from './account'
import { dayName } from './dates'
import { MessageItem } from './message-item'
import { PendingItem } from './pending-item'
import type { Place } from './place'
import { useStickyScroll } from './sticky-scroll'
import type { Subject } from './subject'

const shownAtOnce = 100
const groupMs = 5 * 60_000

const dayOf = (message: Message) => new Date(message.createdAt).toDateString()

/** Messages that one person wrote in one go are shown close together. */
const isSameGroup = (earlier: Message | undefined, later: Message | undefined) =>
  earlier !== undefined &&
  later !== undefined &&
  earlier.senderId === later.senderId &&
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

interface MessageLogProps {
  account: Account
  place: Place
  onSubject: (subject: Subject) => void
}

export function MessageLog({ account, place, onSubject }: MessageLogProps) {
  const { chatId, messageId } = place
  const messages = account.messagesIn(chatId)
  const pending = account.pendingIn(chatId)
  const found = messages.findIndex(({ id }) => id === messageId)
  const [more, setMore] = useState(0)
  const count = Math.max(shownAtOnce + more, found < 0 ? 0 : messages.length - found + 10)
  const shown = messages.slice(-count)
  const scroll = useStickyScroll(found < 0 ? undefined : messageId, pending.length)
  useReading(account, chatId, scroll.isAtEnd)

  return (
    <div class="log-frame">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling area must be reachable by keyboard */}
      <div class="log" ref={scroll.frame} onScroll={scroll.onScroll} tabIndex={0} role="log" aria-label="Messages">
        <div class="log-content" ref={scroll.content}>
          {shown.length < messages.length && (
            <button type="button" class="plain earlier" onClick={() => setMore(more + shownAtOnce)}>
              Show earlier messages
            </button>
          )}
          {messages.length + pending.length === 0 && <p class="log-empty">No messages here yet. Say hello!</p>}
          {shown.map((message, index) => {
            const previous = shown[index - 1]
            return (
              <Fragment key={message.id}>
                {(!previous || dayOf(previous) !== dayOf(message)) && (
                  <h2 class="day">
                    <span>{dayName(message.createdAt)}</span>
                  </h2>
                )}
                <MessageItem
                  {...{ account, message, onSubject }}
                  isFirst={!isSameGroup(previous, message)}
                  isLast={!isSameGroup(message, shown[index + 1])}
                  isFound={message.id === messageId}
                />
              </Fragment>
            )
          })}
          {pending.map((item) => (
            <PendingItem key={item.message.clientMessageId} {...{ account, item }} />
          ))}
        </div>
      </div>
      {!scroll.isAtEnd && (
        <button type="button" class="to-end" onClick={scroll.toEnd} aria-label="Go to latest message">
          ↓
        </button>
      )}
    </div>
  )
}
