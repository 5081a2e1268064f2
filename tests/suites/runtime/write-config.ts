// Writes the configuration for a plain `workerd serve` into a folder that holds the built worker. Miniflare generates the
// configuration, including its D1 and R2 simulators: it is given a fake runtime that saves the configuration and exits.
// This runs in a separate process because Miniflare leaves handlers behind.
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { unstable_getMiniflareWorkerOptions } from 'wrangler'
import { root } from '../../../scripts/install.mjs'
import wideLimits from '../../../scripts/wide-limits.json' with { type: 'json' }

const [, , folder] = process.argv
if (!folder) throw new Error('Name the folder to write to.')
const { Miniflare, convertV4MiniflareOptions }: typeof import('miniflare') = createRequire(
  import.meta.resolve('wrangler'),
)('miniflare')

const recorder = path.join(folder, 'record-config')
writeFileSync(recorder, `#!/bin/sh\ncat > '${folder}/config.bin'\nexit 1\n`, { mode: 0o755 })
process.env['MINIFLARE_WORKERD_PATH'] = recorder

const { workerOptions } = unstable_getMiniflareWorkerOptions(path.join(root, 'wrangler.toml'))
const options = convertV4MiniflareOptions({
  ...workerOptions,
  name: 'big-project',
  bindings: {
    ...Object(workerOptions['bindings']),
    ENVIRONMENT: 'development',
    OTP_PROVIDER: 'local',
    ...wideLimits,
    JWT_SECRET: 'a secret for tests alone, of some length',
  },
  modules: [{ type: 'ESModule', path: path.join(folder, 'worker/index.js') }],
  modulesRoot: path.join(folder, 'worker'),
  cf: false,
})
const miniflare = new Miniflare({ ...options, resourcePersistencePath: path.join(folder, 'state/v3') })
const { code } = await miniflare.ready.catch((error) => error)
// Miniflare removes its temporary folder on exit, but the configuration refers to it.
const folders = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isDirectory())
process.on('exit', () => {
  for (const { parentPath, name } of folders) mkdirSync(path.join(parentPath, name), { recursive: true })
})
process.exit(code === 'ERR_RUNTIME_FAILURE' ? 0 : 1)
