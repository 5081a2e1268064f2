import { CloseIcon, RetryIcon } from './icons'
import { useChangesOf } from './observable'
import type { Upload } from './upload'

function AttachmentItem({ upload, onRemove }: { upload: Upload; onRemove: () => void }) {
  useChangesOf(upload)
  const { name } = upload.file
  return (
    <li class="attachment">
      <img src={upload.preview} alt={name} />
      {upload.fault === undefined && !upload.stored && (
        <progress aria-label={`Uploading ${name}`} max={1} value={upload.share} />
      )}
      {upload.fault !== undefined && (
        <button type="button" class="attachment-retry" title={upload.fault} onClick={() => void upload.start()}>
          <RetryIcon />
          <span class="hidden">
            {name}: {upload.fault}.
          </span>
          Try again
        </button>
      )}
      <button type="button" class="attachment-remove" aria-label={`Remove ${name}`} onClick={onRemove}>
        <CloseIcon />
      </button>
    </li>
  )
}

export function Attachments({ uploads, onRemove }: { uploads: Upload[]; onRemove: (upload: Upload) => void }) {
  if (uploads.length === 0) return null
  return (
    <ul class="attachments" aria-label="Pictures to send">
      {uploads.map((upload) => (
        <AttachmentItem key={upload.preview} upload={upload} onRemove={() => onRemove(upload)} />
      ))}
    </ul>
  )
}
