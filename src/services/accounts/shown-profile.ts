import type { Profile } from '../../core/profile'
import type { OwnMailbox } from '../../http/mailbox-client'

/**
 * What a user may know of others. For a peer it is the profile that their chat shows, which the peer's mailbox keeps up to
 * date until the peer blocks the user: whoever compares the two must not find out.
 */
export async function shownProfiles(own: OwnMailbox, found: readonly Profile[]): Promise<Profile[]> {
  const userIds = found.map(({ id }) => id)
  const peers = await own((mailbox, caller) => mailbox.findPeers(caller, userIds))
  const byId = new Map(peers.map((peer) => [peer.id, peer]))
  return found.map((profile) => byId.get(profile.id) ?? profile)
}
