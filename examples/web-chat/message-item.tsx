import type { Message, Quote } from '../typescript/schema'
import { isGroup } from '../typescript/state'
import type { Account } from './account'
import { timeOfDay } from './dates'
import { LinkedText } from './linked-text'
import { mentionsIn } from './mentions'
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

/** In a group, shown above the first of several messages; always read out. */
function Sender({ account, message, isShown }: { account: Account; message: Message; isShown: boolean }) {
  const name = account.people.author(message.senderId)
  if (!isShown) return <span class="hidden">{name}: </span>
  return (
    <span class="sender" dir="auto">
      {name}
      <span class="hidden">: </span>
    </span>
  )
}

/** Of those that the author meant, not of all that look like it. */
function mentionsOf(account: Account, { chatId, text, mentions }: Message) {
  if (mentions.length === 0) return []
  const names = account.groups.namesIn(chatId)
  return mentionsIn(text, new Map(mentions.map((id) => [id, names.get(id) ?? ''])))
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
  const isForMe = message.mentions.some((id) => account.people.isMe(id))
  const classes = [
    ...['message', isOwn ? 'own' : 'theirs', isFirst && 'first', isLast && 'last'],
    ...[isFound && 'found', isForMe && 'for-me'],
  ]
  return (
    <article
      class={classes.filter(Boolean).join(' ')}
      id={message.id}
      aria-posinset={position.index + 1}
      aria-setsize={position.count}
    >
      <div class="bubble-line">
        <div class="bubble">
          <Sender {...{ account, message }} isShown={isFirst && !isOwn && isGroup(message.chatId)} />
          {isForMe && <span class="hidden">mentions you: </span>}
          <Content {...{ account, message }} />
          <div class="body" dir="auto">
            {message.deletedAt !== null && <p class="deleted">This message was deleted</p>}
            {message.text !== '' && <LinkedText text={message.text} marked={mentionsOf(account, message)} />}
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
