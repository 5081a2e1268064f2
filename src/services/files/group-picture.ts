import * as files from '../../../repositories/files'
import type { Chat } from '../../../schemas/chat'
import { problem } from '../../core/errors'
import type { GroupPicture } from '../../core/group'
import { mintId } from '../../core/ids'
import type { OwnMailbox } from '../../http/mailbox-client'
import { prepareAvatar } from './avatar-copy'

/**
 * Copies a picture of the caller's, without its metadata, to a file that belongs to the group: it stays when the caller
 * leaves, or deletes their own. Returns what the group is to show: null for none, undefined if nothing is to change.
 */
export async function pictureFor(
  bucket: R2Bucket,
  mailbox: OwnMailbox,
  groupId: string,
  sourceId: string | null | undefined,
): Promise<GroupPicture | null | undefined> {
  if (sourceId === undefined || sourceId === null) return sourceId
  const fileId = mintId('file', Date.now())
  await mailbox((own, caller) => own.checkAvatar(caller, sourceId))
  const { isShown } = await mailbox((own, caller) => own.expectGroupPicture(caller, groupId, { fileId, sourceId }))
  if (isShown) return undefined
  const cleaned = await prepareAvatar(bucket, sourceId)
  const content = await files.read(bucket, cleaned.key, { offset: 0, length: cleaned.size })
  if (!content) throw problem('service_unavailable')
  const { name, contentType, size } = cleaned
  const written = await files
    .write(bucket, fileId, { name, contentType, bytesMax: size, content }, async () => {})
    .catch((cause) => {
      throw problem('service_unavailable', { cause })
    })
  return { file: { fileId, name, ...written, createdAt: Date.now() }, sourceId }
}

/** Refuses what cannot become the picture of a group. */
export async function requirePicture(bucket: R2Bucket, mailbox: OwnMailbox, fileId: string): Promise<void> {
  await mailbox((own, caller) => own.checkAvatar(caller, fileId))
  await prepareAvatar(bucket, fileId)
}

/** Gives a new group its picture. One that has a picture keeps it: this repeats a call whose picture may be replaced. */
export async function withPicture(
  bucket: R2Bucket,
  mailbox: OwnMailbox,
  chat: Chat,
  sourceId: string | null | undefined,
): Promise<Chat> {
  if (!sourceId || chat.group?.avatarFileId) return chat
  const picture = await pictureFor(bucket, mailbox, chat.id, sourceId)
  return picture ? mailbox((own, caller) => own.updateGroup(caller, chat.id, { picture })) : chat
}
