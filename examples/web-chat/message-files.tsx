import type { Attachment, Message } from '../typescript/schema'
import type { Account } from './account'
import { hasExpired, isPicture, sizeOf } from './file-types'
import { FileIcon } from './icons'

/** The name and size of a file that is not shown itself. */
export const FileLabel = ({ name, size }: { name: string; size: number }) => (
  <>
    <FileIcon />
    <span class="file-text">
      <span class="file-name" dir="auto">
        {name}
      </span>
      <span class="file-size">{sizeOf(size)}</span>
    </span>
  </>
)

interface FileProps {
  account: Account
  message: Message
  attachment: Attachment
}

/** Links live for an hour: if a picture fails to load, its message is fetched again for a fresh link. */
function Picture({ account, message, attachment }: FileProps) {
  const link = account.linkOf(attachment)
  return (
    <a class="picture" href={link} target="_blank" rel="noreferrer">
      <img src={link} alt={attachment.name} onError={() => void account.refreshLinks(message)} />
    </a>
  )
}

/** Downloads, whatever it is. If the link has expired, first fetches another. */
function OtherFile({ account, message, attachment }: FileProps) {
  const link = account.linkOf(attachment)
  const onClick = async (event: MouseEvent) => {
    const { currentTarget } = event
    if (!hasExpired(link) || !(currentTarget instanceof HTMLElement)) return
    event.preventDefault()
    await account.refreshLinks(message)
    if (!hasExpired(account.linkOf(attachment))) requestAnimationFrame(() => currentTarget.click())
  }
  return (
    <a class="file" href={link} download={attachment.name} rel="noreferrer" onClick={onClick}>
      <FileLabel name={attachment.name} size={attachment.size} />
      <span class="hidden">, download</span>
    </a>
  )
}

/** The files of a message: pictures are shown, all others can be downloaded. */
export function MessageFiles({ account, message }: Omit<FileProps, 'attachment'>) {
  return (
    <>
      {message.attachments.map((attachment) => {
        const File = isPicture(attachment.contentType) ? Picture : OtherFile
        return <File key={attachment.fileId} {...{ account, message, attachment }} />
      })}
    </>
  )
}
