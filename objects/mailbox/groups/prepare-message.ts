import type { OutgoingMessage } from '../../../schemas/message'
import { metadataText } from '../../../src/core/metadata'
import { done, type Outcome } from '../../durable/outcome'
import type { GroupSend } from '../../group/shapes'
import type { CallerContext } from '../context'
import { attachableFiles } from '../files/stored-files'

/** What the group gets of a message: its files are such as the sender may read. */
export function prepareMessage(context: CallerContext, input: OutgoingMessage): Outcome<GroupSend> {
  const { sendRate, quotas, now, sql } = context
  const attached = attachableFiles(sql, input.attachmentFileIds ?? [])
  if (!attached.ok) return attached
  return done({
    clientMessageId: input.clientMessageId,
    text: input.text ?? '',
    attachments: attached.value.map(({ file }) => file),
    metadata: metadataText(input.metadata),
    replyToId: input.replyToId ?? null,
    mentions: input.mentions ?? [],
    waitSeconds: sendRate.wait(quotas.sendRate, now),
  })
}
