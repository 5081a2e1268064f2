// Runs a TypeScript file, `node scripts/run.mjs <flags of Node> <file> <arguments>`, once the dependencies are installed:
// it needs the Node that they bring, which strips types.
import { installMissing, node } from './install.mjs'
import { run, stopOnSignals } from './processes.mjs'

stopOnSignals(1)
await installMissing()
process.exit(await run(node, process.argv.slice(2)))
