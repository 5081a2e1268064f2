import { closeSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs'
import path from 'node:path'

const forMs = 500
const page = Buffer.alloc(4_096, 'x')

/** How many writes of 4 KB, each made durable before the next, a disk does in a second. */
export function fsyncsPerSecond(folder: string): number {
  const file = path.join(folder, 'fsync')
  const descriptor = openSync(file, 'w')
  const start = performance.now()
  let count = 0
  for (; performance.now() - start < forMs; count++) {
    writeSync(descriptor, page, 0, page.length, 0)
    fsyncSync(descriptor)
  }
  const seconds = (performance.now() - start) / 1_000
  closeSync(descriptor)
  rmSync(file)
  return count / seconds
}
