// Runs the commands of docs/getting-started.md, and its code as a single file, compiled with `strict` and run by Node.
// Browser APIs that Node lacks are provided by a preloaded script.
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { bin, installMissing, node } from '../../../scripts/install.mjs'
import { codeBlocks } from '../runtime/code-blocks.ts'

const run = promisify(execFile)
const finishedWithinMs = 120_000

/** Answers the page's prompts as a reader would, with the code from the server's output. */
const browser = (folder: string) => `
import '${pathToFileURL(path.join(import.meta.dirname, 'node_modules/fake-indexeddb/auto/index.mjs'))}'
import { readFileSync } from 'node:fs'
const phoneNumber = '+12025550103'
const kept = new Map()
const codeInLog = () => readFileSync('${folder}/server.log', 'utf8').split('Code for ' + phoneNumber + ': ').at(1)?.slice(0, 6)
function code() {
  for (let tries = 0; tries < 300 && !codeInLog(); tries++) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100)
  return codeInLog()
}
Object.defineProperty(globalThis, 'localStorage', { value: {
  getItem: (key) => kept.get(key) ?? null,
  setItem: (key, value) => kept.set(key, value),
  removeItem: (key) => kept.delete(key),
} })
globalThis.prompt = (question) => (question.startsWith('Code') ? code() : phoneNumber)
globalThis.addEventListener = () => {}
const picture = new File([readFileSync('${folder}/docs/lighthouse.jpg')], 'lighthouse.jpg', { type: 'image/jpeg' })
const choosePicture = (input) => input.type === 'file' && input.onchange(Object.assign(input, { files: [picture] }))
globalThis.document = {
  createElement: (name) => (name === 'input' ? {} : undefined),
  body: { append: (input) => queueMicrotask(() => choosePicture(input)) },
}
`

const config = (root: string) => ({
  extends: path.join(root, 'examples/typescript/tsconfig.json'),
  compilerOptions: { noEmit: true, rootDir: '/' },
  include: ['src'],
})

interface Place {
  /** The root of the repository. */
  root: string
  /** The folder for everything that is written. */
  folder: string
  origin: string
}

async function writeApp({ root, folder, origin }: Place, page: string): Promise<string> {
  const clone = path.join(folder, 'clone')
  await mkdir(clone)
  await cp(path.join(root, 'examples'), path.join(clone, 'examples'), { recursive: true })
  await run('bash', ['-euo', 'pipefail', '-c', codeBlocks(page, 'sh').join('\n')], { cwd: clone })
  const app = path.join(folder, 'app')
  await symlink(path.join(root, 'node_modules'), path.join(app, 'node_modules'))
  await writeFile(path.join(app, 'tsconfig.json'), JSON.stringify(config(root)))
  const code = codeBlocks(page, 'ts').join('\n').replaceAll('http://localhost:8787', origin)
  await writeFile(path.join(app, 'src/main.ts'), code)
  await writeFile(path.join(app, 'browser.mjs'), browser(folder))
  return app
}

/** Collects the app's output until everything expected has appeared, the app ends, or time is up. */
async function shownBy(app: string): Promise<string> {
  const child = spawn(node, ['--import', './browser.mjs', 'app.mjs'], {
    cwd: app,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: finishedWithinMs,
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (data) => {
      output += data
      if (expected.every(([pattern]) => pattern.test(output))) child.kill()
    })
  await once(child, 'close')
  return output
}

const expected: [RegExp, string][] = [
  [/Welcome, Carla/, 'the app signs in and shows the profile'],
  [/One message, sent twice/, 'sending twice creates one message'],
  [/'Hello Ben: (sent|delivered)'/, 'the app lists what it sent'],
  [/\d messages and \d chats have changed/, 'the app follows changes'],
  [/^live$/m, 'the app opens the socket'],
  [/'Over the socket: delivered'/, 'a message over the socket is delivered'],
  [/Without a network: 1 chat, [12] waiting/, 'after a restart without a network, chats and outbox are there'],
  [/'Written offline: delivered'/, 'what was written offline is delivered'],
  [/'Look!: delivered'/, 'a picture is delivered'],
  [/<img src="http.*signature=/, 'the picture has a link to show it by'],
  [/invalid_request at \/username/, 'the app handles an error'],
]

export async function followGettingStarted(place: Place, check: (holds: boolean, what: string) => void) {
  const { root } = place
  await installMissing(import.meta.dirname)
  const page = await readFile(path.join(root, 'docs/getting-started.md'), 'utf8')
  const app = await writeApp(place, page)
  const compiled = await run(node, [bin('typescript/bin/tsc'), '-p', app]).catch(({ stdout }) => ({ stdout }))
  check(compiled.stdout === '', `the code of Getting started compiles with \`strict\`${compiled.stdout}`)
  const bundle = ['--bundle', '--format=esm', '--platform=neutral', '--main-fields=module,main', '--log-level=warning']
  await run(bin('esbuild/bin/esbuild'), ['src/main.ts', ...bundle, '--outfile=app.mjs'], { cwd: app })
  const shown = await shownBy(app)
  for (const [pattern, what] of expected)
    check(pattern.test(shown), pattern.test(shown) ? what : `${what}; the output was\n${shown}`)
}
