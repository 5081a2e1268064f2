// `node write-config.ts <folder>`: writes the configuration of the service that counts calls into the folder that holds the
// built worker. Requests reach the worker itself: no proxy and no worker for assets is in between.
import path from 'node:path'
import { build } from 'esbuild'
import { root } from '../../../scripts/install.mjs'
import { recordConfig } from '../runtime/record-config.ts'
import { serviceOptions } from '../runtime/service-options.ts'

const [, , folder] = process.argv
if (!folder) throw new Error('Name the folder to write to.')
const modulesRoot = path.join(folder, 'worker')
const counting = path.join(modulesRoot, 'counting.js')

// The built service stays as it is: what counts imports it.
await build({
  entryPoints: [path.join(root, 'tests/support/counting-worker.ts')],
  outfile: counting,
  bundle: true,
  format: 'esm',
  target: 'es2024',
  plugins: [
    {
      name: 'built-service',
      setup: ({ onResolve }) => onResolve({ filter: /src\/index$/ }, () => ({ path: './index.js', external: true })),
    },
  ],
})

const { assets: _, ...service } = Object(serviceOptions(folder))
await recordConfig(folder, {
  ...service,
  modules: [{ type: 'ESModule', path: counting }, ...service.modules],
  unsafeDirectSockets: [{ host: '127.0.0.1', port: 0 }],
})
