import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { run } from './processes.mjs'

export const root = path.resolve(import.meta.dirname, '..')

/** The current Node, from the development dependency `node`; Wrangler refuses to run on Node 20. */
export const node = path.join(root, 'node_modules/.bin/node')

/** The script behind a dependency's command. */
export const bin = (name) => path.join(root, 'node_modules', name)

const packagesIn = (file) => JSON.parse(readFileSync(file, 'utf8')).packages

// npm records what it installed next to the packages, as its last step. Optional packages are for other platforms.
function isInstalled(folder) {
  const record = path.join(folder, 'node_modules/.package-lock.json')
  if (!existsSync(node) || !existsSync(record)) return false
  const installed = packagesIn(record)
  return Object.entries(packagesIn(path.join(folder, 'package-lock.json'))).every(([name, { version, optional }]) => {
    if (name === '') return true
    return installed[name] ? installed[name].version === version : optional === true
  })
}

/** Installs the locked dependencies of a folder unless they are already installed. */
export async function installMissing(folder = root) {
  if (isInstalled(folder)) return
  console.log('Installing dependencies…')
  const exitCode = await run('npm', ['ci', '--loglevel=error'], { cwd: folder })
  if (exitCode !== 0) process.exit(exitCode)
}
