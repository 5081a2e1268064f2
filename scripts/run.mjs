// `node scripts/run.mjs [flags for Node] <file or command> [arguments]`: runs a file of this repository, or the command of
// a dependency, on a current Node. Installs the dependencies first: those of the root, and those of the closest
// package.json.
import { existsSync, realpathSync } from 'node:fs'
import path from 'node:path'
import { reportSeconds } from './budgets.mjs'
import { installMissing, node, root, tools } from './install.mjs'
import { runInForeground } from './processes.mjs'

/** @type {(file: string) => string} */
function packageFolderOf(file) {
  const folder = path.dirname(file)
  return existsSync(path.join(folder, 'package.json')) ? folder : packageFolderOf(folder)
}

/** The script of a command, from the dependencies of the root or else from those of the tools. */
async function scriptOf(/** @type {string} */ command) {
  for (const folder of [root, tools]) {
    await installMissing(folder)
    const link = path.join(folder, 'node_modules/.bin', command)
    if (existsSync(link)) return realpathSync(link)
  }
  console.error(`No dependency has the command ${command}.`)
  process.exit(1)
}

async function install(/** @type {string} */ file) {
  await installMissing()
  await installMissing(packageFolderOf(path.resolve(file)))
  return file
}

const args = process.argv.slice(2)
const start = args.findIndex((arg) => !arg.startsWith('-'))
const program = args[start]
if (program === undefined) throw new Error('Name a file or a command')
const script = await (program.includes('/') ? install(program) : scriptOf(program))

// What it starts in turn finds the same Node.
const env = { ...process.env, PATH: `${path.dirname(node)}${path.delimiter}${process.env['PATH']}` }
const exitCode = await runInForeground(node, [...args.slice(0, start), script, ...args.slice(start + 1)], { env })
reportSeconds()
process.exit(exitCode)
