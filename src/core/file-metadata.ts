/** What is known of a picture or recording; null if it is not. */
export interface MediaFacts {
  /** Pixels, as the picture is shown: after its orientation is applied. */
  width: number | null
  height: number | null
  durationMs: number | null
  blurHash: string | null
}

/** The facts of a file, of which the metadata has those that are known. Files of before have none. */
export const mediaFactsOf = ({
  width = null,
  height = null,
  durationMs = null,
  blurHash = null,
}: Partial<MediaFacts>): MediaFacts => ({ width, height, durationMs, blurHash })

/** A file as it is known wherever it was sent. What was measured during the upload never changes. */
export interface FileMetadata extends Partial<MediaFacts> {
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
