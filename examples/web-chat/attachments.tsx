import { CloseIcon, RetryIcon } from './icons'
import { FileLabel } from './message-files'
import { useChangesOf } from './observable'
import type { Upload } from './upload'

function AttachmentItem({ upload, onRemove }: { upload: Upload; onRemove: () => void }) {
  useChangesOf(upload)
  const { name, size } = upload.file
  return (
    <li class={`attachment ${upload.preview === undefined ? 'of-file' : 'of-picture'}`}>
      {upload.preview === undefined ? <FileLabel {...{ name, size }} /> : <img src={upload.preview} alt={name} />}
      {upload.fault === undefined && !upload.stored && (
        <progress aria-label={`Uploading ${name}`} max={1} value={upload.share} />
      )}
      {upload.fault !== undefined && (
        <button type="button" class="attachment-retry" onClick={() => void upload.start()}>
          <RetryIcon />
          Try again
          <span class="hidden"> to upload {name}</span>
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
    <>
      <ul class="attachments" aria-label="Files to send">
        {uploads.map((upload) => (
          <AttachmentItem key={upload.key} upload={upload} onRemove={() => onRemove(upload)} />
        ))}
      </ul>
      {uploads.map(({ key, file, fault }) => (
        <p key={key} class="fault" role="alert">
          {fault !== undefined && (
            <>
              <bdi>{file.name}</bdi>: {fault}
            </>
          )}
        </p>
      ))}
    </>
  )
}
