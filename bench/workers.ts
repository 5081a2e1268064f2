// The two workers that are compared: the service as it is deployed, and the bare one. Each runs in its own process, in the
// same way, with its data on disk.

import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { build } from 'esbuild'
import { configureRuntime, prepareRuntime, type Runtime } from '../tests/suites/runtime/runtime.ts'

const configFor = (worker: 'service' | 'bare') => ({
  configScript: [path.join(import.meta.dirname, 'write-config.ts'), worker] satisfies [string, string],
  // Leads to the worker itself. The socket `entry` leads to Miniflare's own worker, which calls it.
  socket: 'direct:0:default',
})

async function prepareBare(folder: string) {
  await build({
    entryPoints: [path.join(import.meta.dirname, 'bare/worker.ts')],
    outfile: path.join(folder, 'worker/index.js'),
    bundle: true,
    external: ['cloudflare:*', 'node:*'],
    format: 'esm',
    target: 'es2024',
  })
  return configureRuntime(folder, configFor('bare'))
}

export interface Workers {
  service: Runtime
  bare: Runtime
}

/** Builds and starts both workers. */
export async function startWorkers(folder: string, { inspect = false } = {}): Promise<Workers> {
  const folders = { service: path.join(folder, 'service'), bare: path.join(folder, 'bare') }
  for (const each of Object.values(folders)) mkdirSync(each, { recursive: true })
  const [service, bare] = await Promise.all([
    prepareRuntime(folders.service, { ...configFor('service'), inspect }),
    prepareBare(folders.bare),
  ])
  await Promise.all([service.start(), bare.start()])
  return { service, bare }
}
