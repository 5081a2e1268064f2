// `npm run deploy`: checks the settings, creates what is missing on Cloudflare, applies the migrations, and deploys. Safe to run again.
// Arguments go to `wrangler deploy`: a first deploy needs `-- --secrets-file <file>`; `-- --dry-run` only builds, and
// is the only part that runs without an account. The rest relies on the help and the source of the pinned Wrangler.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { bin, installMissing, node, root } from './install.mjs'

const args = process.argv.slice(2)
const isDryRun = args.includes('--dry-run')
const wranglerEnv = { ...process.env, WRANGLER_HIDE_BANNER: 'true', WRANGLER_SEND_METRICS: 'false' }

/**
 * @param {string[]} wranglerArgs
 * @param {'inherit' | 'pipe'} stdout
 */
function wrangler(wranglerArgs, stdout = 'inherit') {
  const { status, stdout: output } = spawnSync(node, [bin('wrangler/bin/wrangler.js'), ...wranglerArgs], {
    cwd: root,
    encoding: 'utf8',
    env: wranglerEnv,
    stdio: ['inherit', stdout, 'inherit'],
  })
  if (status !== 0) process.exit(status ?? 1)
  return output
}

const settings = readFileSync(path.join(root, 'wrangler.toml'), 'utf8')
const [, databaseName] = /^database_name = "(.+)"$/m.exec(settings) ?? []
if (!databaseName) throw new Error('wrangler.toml names no database.')

/** The names of the secrets that are set. None before the first deploy, for which Wrangler fails. */
function namesOfSecrets() {
  const list = [bin('wrangler/bin/wrangler.js'), 'secret', 'list', '--format', 'json']
  const { status, stdout } = spawnSync(node, list, { cwd: root, encoding: 'utf8', env: wranglerEnv })
  /** @type {{ name: string }[]} */
  const secrets = status === 0 ? JSON.parse(stdout) : []
  return secrets.map(({ name }) => name)
}

function checkSettings() {
  const names = isDryRun ? [] : namesOfSecrets()
  const check = [path.join(import.meta.dirname, 'check-settings.mjs'), JSON.stringify(names), ...args]
  const { status } = spawnSync(node, check, { stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}

await installMissing()
checkSettings()
await import('./docs-assets.mjs')
if (!isDryRun) {
  /** @type {{ name: string }[]} */
  const databases = JSON.parse(wrangler(['d1', 'list', '--json'], 'pipe'))
  // Keeps the database ID out of wrangler.toml: Wrangler finds the database by its name.
  if (!databases.some(({ name }) => name === databaseName))
    wrangler(['d1', 'create', databaseName, '--no-update-config'])
  // Before the deploy: the new code might need the new columns, and migrations never break the old code.
  wrangler(['d1', 'migrations', 'apply', 'DB', '--remote'])
}
// Creates the bucket if it does not exist, and fails before the upload if one of the required secrets is not set.
wrangler(['deploy', ...args])
