// `npm test`: runs every test, or those that the arguments name. Their databases are kept in memory if there is room,
// which saves a quarter of the time.
import { mkdtempSync, rmSync } from 'node:fs'
import path from 'node:path'
import { bin, installMissing, node, root } from './install.mjs'
import { run, stopOnSignals } from './processes.mjs'
import { roomyFolder } from './roomy-folder.mjs'

const bytesNeeded = 1024 ** 3

stopOnSignals(1)
await installMissing()
const folder = mkdtempSync(path.join(roomyFolder(bytesNeeded), 'tests-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
const env = { ...process.env, TMPDIR: folder }
process.exit(await run(node, [bin('vitest/vitest.mjs'), 'run', ...process.argv.slice(2)], { cwd: root, env }))
