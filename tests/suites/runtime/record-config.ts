// Writes a configuration for a plain `workerd serve`. Miniflare generates it, including its D1 and R2 simulators: it is
// given a fake runtime that saves the configuration and exits. This ends the process, because Miniflare leaves handlers
// behind.
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'

const { Miniflare, convertV4MiniflareOptions }: typeof import('miniflare') = createRequire(
  import.meta.resolve('wrangler'),
)('miniflare')

type WorkerOptions = Parameters<typeof convertV4MiniflareOptions>[0]

/** Writes `config.bin` into a folder, where the data will be as well, and exits. */
export async function recordConfig(folder: string, options: WorkerOptions): Promise<never> {
  const recorder = path.join(folder, 'record-config')
  writeFileSync(recorder, `#!/bin/sh\ncat > '${folder}/config.bin'\nexit 1\n`, { mode: 0o755 })
  process.env['MINIFLARE_WORKERD_PATH'] = recorder
  const miniflare = new Miniflare({
    ...convertV4MiniflareOptions(options),
    resourcePersistencePath: path.join(folder, 'state/v3'),
  })
  const { code } = await miniflare.ready.catch((error) => error)
  // Miniflare removes its temporary folder on exit, but the configuration refers to it.
  const folders = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isDirectory())
  process.on('exit', () => {
    for (const { parentPath, name } of folders) mkdirSync(path.join(parentPath, name), { recursive: true })
  })
  process.exit(code === 'ERR_RUNTIME_FAILURE' ? 0 : 1)
}
