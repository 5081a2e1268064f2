// `npm test`: every test, or those that the arguments name.
import { bin, installMissing, node, root } from './install.mjs'
import { run, stopOnSignals } from './processes.mjs'

stopOnSignals(1)
await installMissing()
process.exit(await run(node, [bin('vitest/vitest.mjs'), 'run', ...process.argv.slice(2)], { cwd: root }))
