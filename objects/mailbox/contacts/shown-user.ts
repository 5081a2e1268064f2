import { type GroupUserShown, toGroupUser } from '../../../schemas/group'
import { toUser, type User } from '../../../schemas/user'
import { toGroupProfile } from '../../../src/core/group'
import type { Profile } from '../../../src/core/profile'
import type { CallerContext } from '../context'
import type { ChatRow } from '../tables/chats'

/** What is known of a user besides their chat: the profile as JSON (null: not known yet), and whether they are gone. */
export interface KnownProfile {
  user_id: string
  profile: string | null
  gone: number
}

const unknown = (id: string): Profile => ({
  id,
  username: null,
  firstName: null,
  lastName: null,
  about: null,
  avatarFileId: null,
})

const shownPeers = new WeakMap<ChatRow, User>()

/**
 * The peer of a chat as the owner sees them; null for one who has deleted their account, or is not known yet. Kept with the
 * row while the link to the picture stays the same.
 */
export function shownPeer({ avatarLink }: CallerContext, chat: ChatRow): User | null {
  if (chat.peer === null) return null
  const known = shownPeers.get(chat)
  if (known && known.avatarUrl === (known.avatarFileId && avatarLink(known.avatarFileId))) return known
  const shown = toUser(JSON.parse(chat.peer), avatarLink)
  shownPeers.set(chat, shown)
  return shown
}

/** The part of a peer's profile that names them: without names once their account is deleted. */
export const namedPeer = ({ avatarLink }: CallerContext, { peer, peer_id }: ChatRow): GroupUserShown =>
  toGroupUser(toGroupProfile(peer === null ? unknown(peer_id) : JSON.parse(peer)), avatarLink)

/** The same for the owner. */
export const namedOwner = ({ avatarLink, profile, userId }: CallerContext): GroupUserShown =>
  toGroupUser(toGroupProfile(profile.find()?.profile ?? unknown(userId)), avatarLink)

/** A user as the owner sees them everywhere: as in their chat, if there is one. Null once they have deleted their account. */
export function shownUser(context: CallerContext, known: KnownProfile): User | null {
  const chat = context.chats.find(known.user_id)
  if (chat ? chat.peer_gone : known.gone) return null
  const peer = chat && shownPeer(context, chat)
  if (peer) return peer
  return toUser(known.profile === null ? unknown(known.user_id) : JSON.parse(known.profile), context.avatarLink)
}
