import { statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'

// Linux has this folder, in memory.
const memory = '/dev/shm'

/**
 * Where data goes that need not survive: into memory where that serves as a disk with so many bytes free, so that no write
 * waits for a platter.
 *
 * @param {number} bytes
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
