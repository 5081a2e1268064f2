// Generates each client with its generator, and compiles it with its language's own tools.
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { bin, node, root } from '../../../scripts/install.mjs'
import { type Generated, generated, oapiCodegen, openApiGenerator } from './clients.ts'
import { execute, folder, hasCommand, within } from './commands.ts'
import { swiftGuide, writeKotlinGuide, writeSwiftGuide } from './guide.ts'

const document = path.join(root, 'openapi/openapi.json')
const own = (...names: string[]) => path.join(import.meta.dirname, ...names)

const localRepository = `-Dmaven.repo.local=${within('cache/m2')}`
const goEnv = { GOMODCACHE: within('cache/go'), GOBIN: within('cache/bin'), GOFLAGS: '-modcacherw' }
const python = within('cache/python/bin/python')

/** Where the client of each name goes. Go wants it inside the module of the program that uses it. */
const outputOf = (name: string) => within(name === 'go' ? 'go/openapi' : name)

export interface Build {
  clients: string[]
  /** The commands without which it is skipped. */
  needs: string[]
  done: string
  run: () => Promise<unknown>
}

async function writeConfig(
  name: string,
  { generator, options, typeMappings = {}, importMappings = {} }: Generated,
): Promise<string> {
  const file = within('configs', `${name}.json`)
  const ofModule = name === 'go' ? { withGoMod: 'false', packageName: 'openapi' } : {}
  const config = {
    generatorName: generator,
    inputSpec: document,
    outputDir: outputOf(name),
    additionalProperties: { ...options, ...ofModule },
    typeMappings,
    importMappings,
  }
  await writeFile(file, JSON.stringify(config))
  return file
}

/** One run of openapi-generator makes all of its clients, which saves the start of a JVM for each. */
async function generate() {
  const jar = within('cache', `openapi-generator-cli-${openApiGenerator}.jar`)
  const artifact = `-Dartifact=org.openapitools:openapi-generator-cli:${openApiGenerator}`
  const copy = ['dependency:copy', artifact, `-DoutputDirectory=${within('cache')}`]
  await execute('download', 'mvn', ['-B', '-q', localRepository, ...copy])
  await mkdir(within('configs'), { recursive: true })
  const configs = await Promise.all(Object.entries(generated).map(([name, one]) => writeConfig(name, one)))
  await execute('generate', 'java', ['-jar', jar, 'batch', '--threads', '2', ...configs])
}

async function compileForJvm() {
  await cp(own('jvm'), within('jvm'), { recursive: true })
  await cp(own('programs/java'), within('java/src/main/java/clients'), { recursive: true })
  const kotlin = within('kotlin-moshi/src/main/kotlin/clients')
  await cp(own('programs/kotlin'), kotlin, { recursive: true })
  await writeKotlinGuide(kotlin)
  const goals = ['compile', 'dependency:copy-dependencies']
  await execute('jvm', 'mvn', ['-B', '-q', '-T', '2', '--fail-at-end', localRepository, ...goals], {
    cwd: within('jvm'),
  })
}

async function compileGo() {
  await cp(own('programs/go'), within('go'), { recursive: true })
  await execute('go', 'go', ['build', '-o', 'round-trip', '.'], { cwd: within('go'), env: goEnv })
}

async function oapiCodegenClient() {
  const module = `github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen@${oapiCodegen}`
  await execute('oapi-codegen-install', 'go', ['install', module], { env: goEnv })
  await mkdir(within('oapi-codegen'), { recursive: true })
  for (const file of ['go.mod', 'go.sum']) await cp(own('programs/go', file), within('oapi-codegen', file))
  const args = ['-generate', 'types,client', '-package', 'oapi', '-o', 'client.gen.go', document]
  await execute('oapi-codegen', within('cache/bin/oapi-codegen'), args, { cwd: within('oapi-codegen') })
  await execute('oapi-codegen-build', 'go', ['build', './...'], { cwd: within('oapi-codegen'), env: goEnv })
}

async function installPython() {
  await execute('python-venv', 'python3', ['-m', 'venv', within('cache/python')])
  await execute('python-install', python, ['-m', 'pip', 'install', '-q', '-r', own('programs/python/requirements.txt')])
}

const importAll = (name: string) =>
  `import importlib, pkgutil, ${name}
for module in pkgutil.walk_packages(${name}.__path__, '${name}.'): importlib.import_module(module.name)`

async function pythonClient() {
  const output = within('openapi-python-client/client')
  await mkdir(path.dirname(output), { recursive: true })
  const args = [
    '-m',
    'openapi_python_client',
    'generate',
    '--path',
    document,
    '--output-path',
    output,
    '--meta',
    'none',
  ]
  await execute('openapi-python-client', python, [...args, '--overwrite', '--fail-on-warning'], {
    env: { PATH: `${path.dirname(python)}${path.delimiter}${process.env['PATH']}` },
  })
  await execute('openapi-python-client-import', python, ['-c', importAll('client')], { cwd: path.dirname(output) })
}

const compileTypeScript = () =>
  execute('typescript-fetch', node, [
    ...[bin('typescript/bin/tsc'), '--ignoreConfig', '--noEmit', '--strict', '--types', ''],
    ...['--target', 'es2022', '--lib', 'es2022,dom', '--module', 'esnext', '--moduleResolution', 'bundler'],
    within('typescript-fetch/index.ts'),
  ])

/** For want of a compiler: that models are there, with the types that the document gives them. */
async function check(file: string, expected: RegExp[]) {
  const text = await readFile(within(file), 'utf8')
  for (const pattern of expected) if (!pattern.test(text)) throw new Error(`${file} lacks ${pattern}`)
}

async function checkSwift() {
  const models = 'swift6/Sources/OpenAPIClient/Models'
  await check(`${models}/Chat.swift`, [/var kind: String\n/, /var peer: User\?\n/])
  await check(`${models}/StorageUsage.swift`, [/var bytesMax: Int64\n/, /var files: Int\n/])
  await check(`${models}/Users.swift`, [/var nextCursor: String\?\n/])
}

async function checkSwiftGuide() {
  await writeSwiftGuide()
  const sources = within('swift6/Sources')
  await execute('swift-guide', python, [own('programs/swift/check_guide.py'), swiftGuide, sources])
}

async function checkDart() {
  await check('dart/lib/model/chat.dart', [/ {2}String kind;/, / {2}User\? peer;/])
  await check('dart/lib/model/storage_usage.dart', [/ {2}int bytesMax;/])
  await check('dart/lib/model/users.dart', [/ {2}String\? nextCursor;/])
}

const compiles = 'compiles'

/** Everything to build, the slowest first. A name that ends in a colon prepares others. */
export function builds(): Build[] {
  const jvm = ['java', 'mvn']
  const clients = hasCommand('java') && hasCommand('mvn') ? generate() : Promise.reject(new Error('not generated'))
  clients.catch(() => {})
  const packages = hasCommand('python3') ? installPython() : Promise.reject(new Error('not installed'))
  packages.catch(() => {})
  const after = (run: () => Promise<unknown>) => () => clients.then(run)
  return [
    { clients: Object.keys(generated), needs: jvm, done: 'generates a client', run: () => clients },
    { clients: ['java', 'kotlin-moshi', 'kotlin-kotlinx'], needs: jvm, done: compiles, run: after(compileForJvm) },
    { clients: ['oapi-codegen'], needs: ['go'], done: 'generates a client, which compiles', run: oapiCodegenClient },
    {
      clients: ['rust'],
      needs: [...jvm, 'cargo'],
      done: compiles,
      run: after(() =>
        execute('rust', 'cargo', ['check', '-q', '--target-dir', within('cache/rust')], { cwd: within('rust') }),
      ),
    },
    { clients: ['go'], needs: [...jvm, 'go'], done: compiles, run: after(compileGo) },
    {
      clients: ['openapi-python-client'],
      needs: ['python3'],
      done: 'generates a client, which can be imported',
      run: () => packages.then(pythonClient),
    },
    {
      clients: ['python'],
      needs: [...jvm, 'python3'],
      done: 'can be imported',
      run: after(() =>
        packages.then(() => execute('python', python, ['-c', importAll('openapi_client')], { cwd: within('python') })),
      ),
    },
    { clients: ['typescript-fetch'], needs: jvm, done: 'compiles with `strict`', run: after(compileTypeScript) },
    { clients: ['swift6'], needs: jvm, done: 'has the types of the document', run: after(checkSwift) },
    {
      clients: ['swift6'],
      needs: [...jvm, 'python3'],
      done: 'the guide calls what it has',
      run: after(() => packages.then(checkSwiftGuide)),
    },
    { clients: ['dart'], needs: jvm, done: 'has the types of the document', run: after(checkDart) },
  ]
}

/** Removes what the last run has generated. The caches stay. */
export async function clean() {
  const names = [...Object.keys(generated), 'oapi-codegen', 'openapi-python-client', 'configs', 'logs', 'jvm']
  await Promise.all(names.map((name) => rm(within(name), { recursive: true, force: true })))
  await mkdir(folder, { recursive: true })
}

const classPath = (name: string) =>
  [within('jvm', name, 'target/classes'), within('jvm', name, 'target/dependency/*')].join(path.delimiter)

interface Program {
  command: string
  args: string[]
  env?: Record<string, string>
}

/** The Kotlin of docs/getting-started.md. */
export const guideProgram: Program = { command: 'java', args: ['-cp', classPath('kotlin-moshi'), 'guide.GuideKt'] }

/** The programs that use a client, by its name. */
export const programs: Record<string, Program> = {
  'kotlin-moshi': { command: 'java', args: ['-cp', classPath('kotlin-moshi'), 'clients.RoundTripKt'] },
  java: { command: 'java', args: ['-cp', classPath('java'), 'clients.RoundTrip'] },
  go: { command: within('go/round-trip'), args: [] },
  python: { command: python, args: [own('programs/python/round_trip.py')], env: { PYTHONPATH: within('python') } },
}
