import type { Attachment, Message } from '../typescript/schema'
import type { Account } from './account'

const isPicture = ({ contentType }: Attachment) => /^image\/(?:jpeg|png|gif|webp|avif)$/.test(contentType)

function sizeOf(bytes: number) {
  return bytes < 1_000_000 ? `${Math.ceil(bytes / 1000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`
}

/** Links live for an hour: if a picture fails to load, its message is fetched again for a fresh link. */
export function Pictures({ account, message }: { account: Account; message: Message }) {
  return (
    <>
      {message.attachments.map((attachment) =>
        isPicture(attachment) ? (
          <a class="picture" key={attachment.fileId} href={account.linkOf(attachment)} target="_blank" rel="noreferrer">
            <img
              src={account.linkOf(attachment)}
              alt={attachment.name}
              onError={() => void account.refreshLinks(message)}
            />
          </a>
        ) : (
          <a class="file" key={attachment.fileId} href={account.linkOf(attachment)} target="_blank" rel="noreferrer">
            {attachment.name} <span>{sizeOf(attachment.size)}</span>
          </a>
        ),
      )}
    </>
  )
}
