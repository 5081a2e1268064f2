/** A file as it is known wherever it was sent. What was measured during the upload never changes. */
export interface FileMetadata {
  fileId: string
  name: string
  contentType: string
  /** Bytes. */
  size: number
  /** Lowercase hex. */
  sha256: string
  /** Epoch milliseconds. */
  createdAt: number
}

/** Makes a signed link to a file. */
export type FileLink = (fileId: string) => string
