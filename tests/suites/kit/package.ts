// The kit as an app gets it: packed, installed into an empty project, compiled against and imported.
import { readdir, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { bin, node, root } from '../../../scripts/install.mjs'
import { run } from '../../../scripts/processes.mjs'

export type Kit = typeof import('../../../examples/typescript/index.ts')

const source = path.join(root, 'examples/typescript')

const program = `import { apiClient, IndexedDbStore, MemoryStore, messenger, type Message, type Store } from 'big-project-client'
const client = apiClient({ origin: '', tokens: { load: () => undefined, save() {}, clear() {} }, onSignedOut() {} })
const stores: Store[] = [new MemoryStore(), await IndexedDbStore.open('name')]
for (const store of stores) messenger({ client, origin: '', store, from: 'now' }).stop()
export const textOf = (message: Message): string => message.text
`

const compilerOptions = {
  ...{ target: 'es2022', module: 'nodenext', lib: ['es2023', 'dom', 'dom.iterable'], types: [] },
  ...{ strict: true, exactOptionalPropertyTypes: true, noEmit: true },
}

async function succeed(command: string, args: string[], cwd: string) {
  const exitCode = await run(command, args, { cwd, stdio: ['ignore', 'ignore', 'inherit'] })
  if (exitCode !== 0) throw new Error(`Failed: ${command} ${args.join(' ')}`)
}

/** Packs the kit and installs it into a project in `folder`, which must exist and be empty. */
export async function installKit(folder: string): Promise<Kit> {
  await succeed('npm', ['pack', '--silent', '--pack-destination', folder], source)
  const [archive] = await readdir(folder)
  if (!archive?.endsWith('.tgz')) throw new Error('Nothing was packed')
  await writeFile(path.join(folder, 'package.json'), JSON.stringify({ name: 'app', private: true, type: 'module' }))
  await succeed('npm', ['install', '--silent', '--prefer-offline', '--no-audit', '--no-fund', `./${archive}`], folder)
  await writeFile(path.join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['app.ts'] }))
  await writeFile(path.join(folder, 'app.ts'), program)
  await succeed(node, [bin('typescript/bin/tsc'), '-p', folder], folder)
  const { resolve } = createRequire(path.join(folder, 'app.js'))
  return import(pathToFileURL(resolve('big-project-client')).href)
}
