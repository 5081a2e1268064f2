import type { Message, Quote } from '../typescript/schema'
import type { Account } from './account'
import { timeOfDay } from './dates'
import { MessageActions } from './message-actions'
import { Pictures } from './pictures'
import { Reactions } from './reactions'
import type { Subject } from './subject'
import { Ticks } from './ticks'

interface MessageItemProps {
  account: Account
  message: Message
  isFirst: boolean
  isLast: boolean
  isFound: boolean
  onSubject: (subject: Subject) => void
}

function QuoteBlock({ account, chatId, quote }: { account: Account; chatId: string; quote: Quote }) {
  return (
    <blockquote class="quote">
      <cite>{account.people.author(quote.senderId)}</cite>
      <span>{quote.text || (account.message(chatId, quote.id)?.deletedAt === null ? 'Photo' : 'Deleted message')}</span>
    </blockquote>
  )
}

function Content({ account, message }: { account: Account; message: Message }) {
  if (message.deletedAt !== null) return <p class="deleted">This message was deleted</p>
  return (
    <>
      {message.replyTo && <QuoteBlock {...{ account, chatId: message.chatId, quote: message.replyTo }} />}
      <Pictures {...{ account, message }} />
      {message.text !== '' && <p class="text">{message.text}</p>}
    </>
  )
}

export function MessageItem({ account, message, isFirst, isLast, isFound, onSubject }: MessageItemProps) {
  const status = account.statusOf(message)
  const isOwn = status !== null
  const classes = ['message', isOwn ? 'own' : 'theirs', isFirst && 'first', isLast && 'last', isFound && 'found']
  return (
    <article class={classes.filter(Boolean).join(' ')} id={message.id}>
      <div class="bubble-line">
        <div class="bubble">
          <span class="hidden">{account.people.author(message.senderId)}: </span>
          <Content {...{ account, message }} />
          <span class="meta">
            {message.editedAt !== null && message.deletedAt === null && <span>edited</span>}
            <time dateTime={message.createdAt}>{timeOfDay(message.createdAt)}</time>
            {status !== null && <Ticks status={status} />}
          </span>
        </div>
        <MessageActions {...{ account, message, onSubject }} />
      </div>
      <Reactions {...{ account, message }} />
    </article>
  )
}
