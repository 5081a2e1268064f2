// `npm start`: runs the whole service on this machine, from a fresh clone. What it creates, it keeps for the next
// start.
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { optionalVars } from './dev-vars.mjs'
import { bin, installMissing, node, root } from './install.mjs'
import { launch, stopOnSignals } from './processes.mjs'
import wideLimits from './wide-limits.json' with { type: 'json' }

const port = Number(process.env['PORT'] || 8787)
/** Of this machine; `0.0.0.0` for all of its networks. */
const ip = process.env['LISTEN_IP'] || '127.0.0.1'
const stateDir = path.resolve(root, process.env['STATE_DIR'] || '.wrangler/state')
const secretsFile = path.join(root, '.dev.vars')
// Not the folder that is deployed: this one also holds the demo.
const assets = path.join(root, 'dist/local-assets')
const origin = `http://localhost:${port}`

const testNumbers = process.env['OTP_TEST_NUMBERS']

/**
 * What differs from a deployment. A developer can try more in a day than a user; whoever wants to meet a limit sets it
 * in `.dev.vars`. Numbers with a fixed code can also come from the environment, for runs with nobody to read a code.
 */
const settings = () => ({
  ...wideLimits,
  ...optionalSecrets(),
  ...(testNumbers && { OTP_TEST_NUMBERS: testNumbers }),
  ENVIRONMENT: 'development',
  OTP_PROVIDER: 'local',
})

const asText = (/** @type {string | number | object} */ value) =>
  typeof value === 'object' ? JSON.stringify(value) : value

const wranglerEnv = {
  ...process.env,
  // Wrangler's lines are told apart by how they begin.
  FORCE_COLOR: '0',
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
  WRANGLER_HIDE_BANNER: 'true',
  WRANGLER_SEND_METRICS: 'false',
  WRANGLER_SEND_ERROR_REPORTS: 'false',
  WRANGLER_WRITE_LOGS: 'false',
}

/**
 * @param {string} reason
 * @returns {never}
 */
function refuse(reason) {
  console.error(reason)
  process.exit(1)
}

const isFree = (/** @type {string} */ host, askedPort = port) =>
  new Promise((resolve) => {
    const probe = createServer()
    // A machine without IPv6 has nothing there that could be in the way.
    probe.once('error', (/** @type {NodeJS.ErrnoException} */ { code }) =>
      resolve(code !== 'EADDRINUSE' && code !== 'EACCES'),
    )
    probe.listen({ port: askedPort, host }, () => probe.close(() => resolve(true)))
  })

async function checkPort() {
  if (!Number.isInteger(port) || port < 1 || port > 65_535) refuse(`PORT is not a port number: ${process.env['PORT']}`)
  if (!(await isFree('127.0.0.1')) || !(await isFree('::1')))
    refuse(`Port ${port} is in use. Choose another: PORT=${port + 1} npm start`)
}

const stateShown = path.relative(process.cwd(), stateDir) || stateDir

const isRunning = (/** @type {number} */ pid) => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** The server that has last used a folder of data, or null: the file may be torn. */
function lastClaim(/** @type {string} */ file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return null
  }
}

/** SQLite refuses a second runtime on the same files: requests to either would fail, or wait for ever. */
async function claimState() {
  const claim = path.join(stateDir, 'server.json')
  const other = lastClaim(claim)
  // Both, because after a crash the process ID or the port can be somebody else's.
  if (other && isRunning(other.pid) && !(await isFree('127.0.0.1', other.port)))
    refuse(
      `The server on port ${other.port} uses the data in ${stateShown}. Stop it, or choose another place: STATE_DIR=${stateShown}-${port} PORT=${port} npm start`,
    )
  mkdirSync(stateDir, { recursive: true })
  writeFileSync(claim, JSON.stringify({ pid: process.pid, port }))
}

// Twilio's secrets are empty, because Wrangler warns about required secrets that are missing; in development, codes are
// printed.
const newSecrets = () =>
  [
    `JWT_SECRET=${randomBytes(32).toString('base64url')}`,
    'TWILIO_ACCOUNT_SID=',
    'TWILIO_AUTH_TOKEN=',
    'TWILIO_VERIFY_SERVICE_SID=',
    '',
  ].join('\n')

function makeSecrets() {
  if (!existsSync(secretsFile)) return writeFileSync(secretsFile, newSecrets(), { flag: 'wx', mode: 0o600 })
  if (!/^\s*(export\s+)?JWT_SECRET\s*=\s*["']?[^\s"']/m.test(readFileSync(secretsFile, 'utf8')))
    refuse(
      '.dev.vars has no JWT_SECRET. Add one of at least 32 random characters, or delete the file to have one generated.',
    )
}

const optionalSecrets = () =>
  optionalVars(readFileSync(secretsFile, 'utf8'), readFileSync(path.join(root, 'wrangler.toml'), 'utf8'))

/**
 * @param {string[]} args
 * @param {import('node:child_process').StdioOptions} stdio
 */
const wrangler = (args, stdio) =>
  launch(node, [bin('wrangler/bin/wrangler.js'), ...args, '--persist-to', stateDir], {
    cwd: root,
    env: wranglerEnv,
    stdio,
  })

async function applyMigrations() {
  const { ended } = wrangler(['d1', 'migrations', 'apply', 'DB', '--local'], ['ignore', 'ignore', 'inherit'])
  if ((await ended) !== 0) refuse('Could not apply the migrations.')
}

const hourMs = 3_600_000

/** What `[triggers]` in wrangler.toml does in a deployment: Wrangler's local runtime only offers an address for it. */
async function runHourly() {
  try {
    const { status } = await fetch(`${origin}/cdn-cgi/local/scheduled`)
    if (status !== 200) console.error(`The hourly run answered ${status}.`)
  } catch (error) {
    console.error(`The hourly run failed: ${error}`)
  }
}

const welcome = `
Big Project is running.
  Documentation  ${origin}/docs
  OpenAPI        ${origin}/openapi.json
  Demo chat      ${origin}/demo (open it in two windows)
Sign-in codes are printed here. Data is stored in ${stateShown}. Press Ctrl-C to stop.
`

/** Serves until something ends it. Of Wrangler's output, only the worker's own lines and the errors are passed on. */
async function serve() {
  const { child, ended } = wrangler(
    [
      'dev',
      ...['--ip', ip, '--port', String(port), '--inspector-port', '0'],
      ...Object.entries(settings()).flatMap(([name, value]) => ['--var', `${name}:${asText(value)}`]),
      ...['--assets', assets],
      // Silences the hint to call that address by hand.
      '--test-scheduled',
      '--show-interactive-dev-session=false',
    ],
    ['ignore', 'pipe', 'inherit'],
  )
  if (!child.stdout) refuse('The server has no output.')
  let isReady = false
  createInterface({ input: child.stdout }).on('line', (line) => {
    const isChatter = line.startsWith('[wrangler:info]')
    if (isReady && !isChatter) console.log(line)
    if (isReady || !line.startsWith('[wrangler:info] Ready on')) return
    isReady = true
    console.log(welcome)
    runHourly()
    setInterval(runHourly, hourMs)
  })
  await ended
  refuse('The server stopped unexpectedly.')
}

stopOnSignals(0)
await checkPort()
await claimState()
makeSecrets()
await installMissing()
await import('./docs-assets.mjs')
await import('./demo-assets.mjs')
await applyMigrations()
await serve()
