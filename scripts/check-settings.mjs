// `node scripts/check-settings.mjs <names of secrets that are set, as JSON> [arguments of wrangler deploy]`: refuses to
// deploy settings that the service would refuse to run with. It knows the values in `wrangler.toml`, `--var` and
// `--secrets-file`; the values of secrets that are set already are checked by the first request.
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { parseArgs, parseEnv } from 'node:util'
import { unstable_readConfig as readWranglerConfig } from 'wrangler'
import { productionFaults } from '../src/settings/production-faults.ts'
import { root } from './install.mjs'

const [names = '[]', ...args] = process.argv.slice(2)
const { values } = parseArgs({
  args,
  strict: false,
  allowPositionals: true,
  options: {
    'secrets-file': { type: 'string' },
    var: { type: 'string', multiple: true },
    'dry-run': { type: 'boolean' },
  },
})
const text = (/** @type {unknown} */ value) => (typeof value === 'string' ? value : undefined)

/** @returns {Record<string, unknown>} */
function readSecrets(/** @type {string} */ file) {
  const content = readFileSync(file, 'utf8')
  return content.trimStart().startsWith('{') ? JSON.parse(content) : parseEnv(content)
}

const secretsFile = text(values['secrets-file'])
const secrets = secretsFile === undefined ? {} : readSecrets(secretsFile)
const inline = (Array.isArray(values['var']) ? values['var'] : []).map((one) => String(one).split(/:(.*)/s).slice(0, 2))
const { vars } = readWranglerConfig({ config: path.join(root, 'wrangler.toml') })
const settings = { ...vars, ...Object.fromEntries(inline), ...secrets }

/** @type {Set<string>} */
const set = new Set([...JSON.parse(names), ...Object.keys(settings).filter((name) => settings[name])])
// A dry run knows no secrets, so none can be missing.
const faults = productionFaults(settings, (name) => values['dry-run'] === true || set.has(name))

// The secret of `npm start`, which every process of a developer can read.
const local = path.join(root, '.dev.vars')
if (
  existsSync(local) &&
  secrets['JWT_SECRET'] &&
  parseEnv(readFileSync(local, 'utf8'))['JWT_SECRET'] === secrets['JWT_SECRET']
)
  faults.push({ setting: 'JWT_SECRET', fault: 'the one that npm start uses, in .dev.vars' })

if (settings['ENVIRONMENT'] === 'production' && faults.length > 0) {
  console.error(`Not deployed: ${faults.map(({ setting, fault }) => `${setting} (${fault})`).join(', ')}`)
  process.exit(1)
}
