// `npm test`: every test, or those that the arguments name.
import { mkdtempSync, rmSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { bin, installMissing, node, root } from './install.mjs'
import { run, stopOnSignals } from './processes.mjs'

// The databases of the tests wait for the disk. In memory, where Linux has a folder there with room, they do not.
const memory = '/dev/shm'
const bytesNeeded = 4 * 1024 ** 3

function hasRoom(folder) {
  try {
    const { bavail, bsize } = statfsSync(folder)
    return bavail * bsize > bytesNeeded
  } catch {
    return false
  }
}

stopOnSignals(1)
await installMissing()
const folder = mkdtempSync(path.join(hasRoom(memory) ? memory : tmpdir(), 'tests-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
const env = { ...process.env, TMPDIR: folder }
process.exit(await run(node, [bin('vitest/vitest.mjs'), 'run', ...process.argv.slice(2)], { cwd: root, env }))
