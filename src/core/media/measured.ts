/** What the first bytes of a file say of a picture or recording. */
export interface Measured {
  width?: number
  height?: number
  durationMs?: number
}

/** Notes what it finds in the first bytes of a file of `size` bytes. It throws where they end, or are malformed. */
export type Measure = (head: Buffer, found: Measured, size: number) => void

export const noteSize = (found: Measured, width: number, height: number, isTurned = false) => {
  Object.assign(found, isTurned ? { width: height, height: width } : { width, height })
}

export const noteSeconds = (found: Measured, seconds: number) => {
  found.durationMs = Math.round(seconds * 1000)
}
