import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { run } from './processes.mjs'

export const root = path.resolve(import.meta.dirname, '..')

/** Folders whose package.json and lockfile stand apart, so that `npm start` and `npm test` install less. */
export const tools = path.join(root, 'tools')
/** Its package needs a folder of its own to go without its dependencies, which its bundle has in it already. */
export const readingView = path.join(tools, 'reading-view')
export const nodePackage = path.join(tools, 'node')

// The scripts rely on type stripping, which comes with 22.18. Wrangler and vitest refuse Node 20.
const isCurrent = Boolean(process.features.typescript)

/** A current Node: the one that runs this, or else the one that the package `node` brings. */
export const node = isCurrent ? process.execPath : path.join(nodePackage, 'node_modules/.bin/node')

/** The script behind a dependency's command. */
export const bin = (/** @type {string} */ name) => path.join(root, 'node_modules', name)

/**
 * @param {string} file
 * @returns {Record<string, { version?: string, optional?: boolean }>}
 */
const packagesIn = (file) => JSON.parse(readFileSync(file, 'utf8')).packages

// npm writes what it installed beside the packages, as its last step. Optional packages are those of other platforms.
function isInstalled(/** @type {string} */ folder) {
  const record = path.join(folder, 'node_modules/.package-lock.json')
  if (!existsSync(record)) return false
  const installed = packagesIn(record)
  return Object.entries(packagesIn(path.join(folder, 'package-lock.json'))).every(([name, { version, optional }]) => {
    if (name === '') return true
    return installed[name] ? installed[name].version === version : optional === true
  })
}

/** @param {string} folder */
async function install(folder, isComplete = isInstalled(folder)) {
  if (isComplete) return
  console.log(`Installing ${folder === root ? 'dependencies' : `what ${path.relative(root, folder)} needs`}…`)
  const exitCode = await run('npm', ['ci', '--loglevel=error'], { cwd: folder })
  if (exitCode !== 0) process.exit(exitCode)
}

async function installNode() {
  await install(nodePackage, isInstalled(nodePackage) && existsSync(node))
  if (existsSync(node)) return
  // The package downloads its binary in an install script, which `ignore-scripts` in a user's npm settings prevents.
  console.error(`Node ${process.version} is too old, and npm is set to skip the script that installs a current one.
Install Node 22.18 or newer, or run: npm ci --prefix ${path.relative(process.cwd(), nodePackage)} --ignore-scripts=false`)
  process.exit(1)
}

/** Installs the locked dependencies of a folder unless they are there, and a current Node if this one is too old. */
export async function installMissing(folder = root) {
  if (!isCurrent) await installNode()
  await install(folder)
}
