import type { Message, Quote } from '../typescript/schema'
import type { Account } from './account'
import { timeOfDay } from './dates'
import { LinkedText } from './linked-text'
import { MessageActions } from './message-actions'
import { MessageFiles } from './message-files'
import { Reactions } from './reactions'
import type { Subject } from './subject'
import { Ticks } from './ticks'

interface MessageItemProps {
  account: Account
  message: Message
  position: { index: number; count: number }
  isFirst: boolean
  isLast: boolean
  isFound: boolean
  onSubject: (subject: Subject) => void
}

function QuoteBlock({ account, chatId, quote }: { account: Account; chatId: string; quote: Quote }) {
  return (
    <blockquote class="quote">
      <cite dir="auto">{account.people.author(quote.senderId)}</cite>
      <span dir="auto">
        {quote.text || (account.message(chatId, quote.id)?.deletedAt === null ? 'Attachment' : 'Deleted message')}
      </span>
    </blockquote>
  )
}

/** What comes before the text. */
function Content({ account, message }: { account: Account; message: Message }) {
  if (message.deletedAt !== null) return null
  return (
    <>
      {message.replyTo && <QuoteBlock {...{ account, chatId: message.chatId, quote: message.replyTo }} />}
      <MessageFiles {...{ account, message }} />
    </>
  )
}

export function MessageItem({ account, message, position, isFirst, isLast, isFound, onSubject }: MessageItemProps) {
  const status = account.statusOf(message)
  const isOwn = status !== null
  const classes = ['message', isOwn ? 'own' : 'theirs', isFirst && 'first', isLast && 'last', isFound && 'found']
  return (
    <article
      class={classes.filter(Boolean).join(' ')}
      id={message.id}
      aria-posinset={position.index + 1}
      aria-setsize={position.count}
    >
      <div class="bubble-line">
        <div class="bubble">
          <span class="hidden">{account.people.author(message.senderId)}: </span>
          <Content {...{ account, message }} />
          <div class="body" dir="auto">
            {message.deletedAt !== null && <p class="deleted">This message was deleted</p>}
            {message.text !== '' && <LinkedText text={message.text} />}
            <span class="meta" dir="ltr">
              {message.editedAt !== null && message.deletedAt === null && <span>edited</span>}
              <time dateTime={message.createdAt}>{timeOfDay(message.createdAt)}</time>
              {status !== null && <Ticks status={status} />}
            </span>
          </div>
        </div>
        <MessageActions {...{ account, message, onSubject }} />
      </div>
      <Reactions {...{ account, message }} />
    </article>
  )
}
