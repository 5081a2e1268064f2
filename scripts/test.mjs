// `npm test`: runs every test, or those that the arguments name; with `--watch`, again whenever a file changes. Their
// databases are kept in memory if there is room, which saves a quarter of the time.
import { mkdtempSync, rmSync } from 'node:fs'
import path from 'node:path'
import { reportSeconds } from './budgets.mjs'
import { bin, installMissing, node, root } from './install.mjs'
import { run, runInForeground, stopOnSignals } from './processes.mjs'
import { roomyFolder } from './roomy-folder.mjs'

const bytesNeeded = 1024 ** 3

const args = process.argv.slice(2)
const isWatching = args.includes('--watch')
const vitest = [bin('vitest/vitest.mjs'), isWatching ? 'watch' : 'run', ...args]

if (!isWatching) stopOnSignals(1)
await installMissing()
const folder = mkdtempSync(path.join(roomyFolder(bytesNeeded), 'tests-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
const options = { cwd: root, env: { ...process.env, TMPDIR: folder } }
const exitCode = await (isWatching ? runInForeground(node, vitest, options) : run(node, vitest, options))
reportSeconds(args)
process.exit(exitCode)
