import { statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'

// Linux has this folder, in memory.
const memory = '/dev/shm'

/**
 * Returns a folder for data that need not survive: in memory, if memory serves as a disk with this many bytes free, so
 * that no write waits for a physical disk.
 */
export function roomyFolder(bytes) {
  try {
    const { bavail, bsize } = statfsSync(memory)
    if (bavail * bsize > bytes) return memory
  } catch {
    // Other systems do not have it.
  }
  return tmpdir()
}
