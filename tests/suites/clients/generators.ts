// Calls the generators as their documentation describes.
import { rm } from 'node:fs/promises'
import path from 'node:path'
import { installMissing, node, root } from '../../../scripts/install.mjs'
import { run } from '../../../scripts/processes.mjs'

export const folder = import.meta.dirname
export const generated = path.join(root, 'dist/clients')

const document = '../../../openapi/openapi.json'
const within = (name: string) => path.join(generated, name)

export type GeneratorName = 'openapi-typescript' | 'hey-api' | 'orval'

type PackageCommand = [script: string, ...args: string[]]

const commands: Record<GeneratorName, PackageCommand> = {
  'openapi-typescript': ['openapi-typescript/bin/cli.js', document, '-o', within('openapi-typescript/schema.ts')],
  'hey-api': ['@hey-api/openapi-ts/bin/run.js', '-i', document, '-o', within('hey-api'), '--no-log-file', '-s'],
  orval: ['orval/dist/bin/orval.mjs'],
}

export const names: GeneratorName[] = ['openapi-typescript', 'hey-api', 'orval']

/** Runs a script of a package installed in this folder; resolves to its exit code. */
export const runPackage = (
  [script, ...args]: PackageCommand,
  options: Parameters<typeof run>[2] = {},
): Promise<number> => run(node, [path.join(folder, 'node_modules', script), ...args], { cwd: folder, ...options })

export const installGenerators = () => installMissing(folder)

export async function generate(name: GeneratorName, origin: string): Promise<number> {
  await rm(within(name), { recursive: true, force: true })
  return runPackage(commands[name], {
    env: { ...process.env, API_ORIGIN: origin },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}

/** Writes the types of examples/typescript or, with `--check`, compares them with the document. */
export const exampleTypes = (...options: string[]): Promise<number> =>
  runPackage(
    [
      'openapi-typescript/bin/cli.js',
      ...[document, '-o', '../../../examples/typescript/schema.d.ts'],
      ...['--root-types', '--root-types-no-schema-prefix', ...options],
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  )
