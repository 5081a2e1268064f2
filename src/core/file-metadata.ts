import type { File } from '../../schemas/file'
import type { FileLink } from './profile'

/** A file as it is known wherever it was sent; what was measured at the upload never changes. */
export interface FileFacts {
  fileId: string
  name: string
  contentType: string
  /** Bytes. */
  size: number
  /** Lower-case hex. */
  sha256: string
  /** Epoch milliseconds. */
  createdAt: number
}

export const toFile = (facts: FileFacts, link: FileLink): File => ({
  id: facts.fileId,
  name: facts.name,
  contentType: facts.contentType,
  size: facts.size,
  sha256: facts.sha256,
  url: link(facts.fileId),
  createdAt: new Date(facts.createdAt).toISOString(),
})
