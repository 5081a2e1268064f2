/** A file as it is known wherever it was sent; what was measured at the upload never changes. */
export interface FileMetadata {
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

/** Makes a signed link to a file. */
export type FileLink = (fileId: string) => string
