import type { Message } from '../typescript/schema'
import type { Account } from './account'
import { saidOfEvent } from './group-events'

interface EventItemProps {
  account: Account
  message: Message
  position: { index: number; count: number }
}

/** Something that happened to a group. */
export const EventItem = ({ account, message, position }: EventItemProps) => (
  <article class="event" id={message.id} aria-posinset={position.index + 1} aria-setsize={position.count}>
    <p dir="auto">{saidOfEvent(message, account.people)}</p>
  </article>
)
