import { statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'

// On Linux, in memory.
const memory = '/dev/shm'

/** A folder for data that need not survive: in memory if a RAM disk has this many bytes free, so that no write waits. */
export function roomyFolder(bytes) {
  try {
    const { bavail, bsize } = statfsSync(memory)
    if (bavail * bsize > bytes) return memory
  } catch {
    // Other systems have none.
  }
  return tmpdir()
}
