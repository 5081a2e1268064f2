import * as files from '../../../repositories/files'
import type { File } from '../../../schemas/file'
import type { MediaFacts } from '../../core/file-metadata'
import { mintId } from '../../core/ids'
import { limits } from '../../core/limits'
import type { OwnMailbox } from '../../http/mailbox-client'
import type { IncomingFile } from './incoming-file'

/** Keeps a reservation at least as large as what has been received, and alive while the upload is in progress. */
function reservation(reserve: (bytes: number) => Promise<unknown>) {
  let held = -1
  let renewAt = 0
  return async (bytes: number) => {
    if (bytes <= held && Date.now() < renewAt) return
    await reserve(Math.max(held, bytes))
    held = Math.max(held, bytes)
    renewAt = Date.now() + (limits.fileReservationSeconds * 1000) / 2
  }
}

/** The measured facts, completed by those that the uploader gave. */
function withGiven(measured: files.Written, given: MediaFacts): files.Written & MediaFacts {
  const { width, height } = measured.width === null ? given : measured
  return { ...measured, width, height, durationMs: measured.durationMs ?? given.durationMs, blurHash: given.blurHash }
}

/**
 * Stores a file: space is reserved, bytes are written, and the row is finalized. A failed write releases both at once.
 * Anything interrupted in between is cleaned up by the mailbox's alarm when the reservation ends.
 */
export async function keepFile(
  bucket: R2Bucket,
  mailbox: OwnMailbox,
  incoming: IncomingFile,
  given: MediaFacts,
): Promise<File> {
  const fileId = mintId('file', Date.now())
  const { name } = incoming
  const cover = reservation((bytes) => mailbox((stub, caller) => stub.reserveFile(caller, { fileId, name, bytes })))
  await cover(incoming.bytesMin)
  const written = await files.write(bucket, fileId, incoming, cover).catch(async (error) => {
    await Promise.allSettled([
      files.remove(bucket, [fileId]),
      mailbox((stub, caller) => stub.releaseFile(caller, fileId)),
    ])
    throw error
  })
  return mailbox((stub, caller) => stub.storeFile(caller, fileId, withGiven(written, given)))
}
