import type { GroupEvent, Message } from '../typescript/schema'
import { isolated } from './direction'
import type { People } from './people'

/** Within a sentence. */
const role = (name: GroupEvent['role']) => (name === 'admin' ? 'an admin' : `a ${name ?? 'member'}`)

/** What happened to a group, in words. There may be more kinds than are known here. */
export function saidOfEvent({ senderId, event }: Message, people: People): string {
  if (!event) return ''
  const who = people.isMe(senderId) ? 'You' : isolated(people.of(senderId).name)
  const whom = people.list(event.userIds)
  switch (event.type) {
    case 'groupCreated':
      return `${who} created the group`
    case 'membersAdded':
      return `${who} added ${whom}`
    case 'memberJoined':
      return `${who} joined`
    case 'memberLeft':
      return `${who} left`
    case 'memberRemoved':
      return `${who} removed ${whom}`
    case 'roleChanged':
      return `${who} made ${whom} ${role(event.role)}`
    case 'ownerChanged':
      return `${who} made ${whom} the owner`
    case 'groupUpdated':
      return event.title === null
        ? `${who} changed the settings of the group`
        : `${who} named the group “${isolated(event.title)}”`
    default:
      return `${who} changed the group`
  }
}
