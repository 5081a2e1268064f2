// Follows the README and docs/getting-started.md to the letter, as a newcomer does, against `npm start` with its own port
// and data.
import { execFile, spawn } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { launch } from '../../../scripts/processes.mjs'
import { freePort } from '../runtime/free-port.ts'
import { followGettingStarted } from './getting-started.ts'

const root = path.resolve(import.meta.dirname, '../../..')
const readyWithinMs = 180_000
// Two seconds of grace, plus what a busy machine adds.
const endedWithinMs = 20_000

/** The commands in the README's walkthrough, except the one that starts the server. */
async function commands(): Promise<string[]> {
  const readme = await readFile(path.join(root, 'README.md'), 'utf8')
  const [, section = ''] = readme.split('## From nothing to a read message')
  const blocks = [...(section.split('\n## ')[0] ?? '').matchAll(/```sh\n(.*?)```/gs)].flatMap(
    ([, block]) => block ?? [],
  )
  return blocks.filter((block) => !block.startsWith('npm start'))
}

// No reader pastes the next command within the milliseconds that a message takes.
const readersPause = '\nsleep 2\n'

const until = async (what: string, ms: number, holds: () => Promise<boolean> | boolean) => {
  for (const end = Date.now() + ms; Date.now() < end; await new Promise((resolve) => setTimeout(resolve, 100)))
    if (await holds()) return
  throw new Error(`${what} took longer than ${ms} ms`)
}

const answers = (port: number) =>
  fetch(`http://127.0.0.1:${port}/healthz`).then(
    (response) => response.ok,
    () => false,
  )

function check(holds: boolean, what: string) {
  if (!holds) throw new Error(`Failed: ${what}`)
  console.log(`  ✓ ${what}`)
}

const folder = await mkdtemp(path.join(tmpdir(), 'readme-'))
const port = await freePort()
const env = { ...process.env, PORT: String(port), STATE_DIR: path.join(folder, 'state') }

async function withServer(signal: NodeJS.Signals, work: () => Promise<void>) {
  const server = spawn('npm', ['start'], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const output = createWriteStream(path.join(folder, 'server.log'), { flags: 'a' })
  server.stdout.pipe(output, { end: false })
  server.stderr.pipe(output, { end: false })
  const ended = new Promise((resolve) => server.once('close', resolve))
  try {
    await until('Starting', readyWithinMs, () => answers(port))
    await work()
  } finally {
    server.kill(signal)
    await Promise.race([ended, until('Ending', endedWithinMs, () => false)])
  }
  check(!(await answers(port)), `${signal} to npm alone stops the server and frees the port`)
}

/** What a start that does not succeed says. */
async function refusal(env: NodeJS.ProcessEnv): Promise<string> {
  const { child, ended } = launch('npm', ['start'], { cwd: root, env, stdio: ['ignore', 'ignore', 'pipe'] })
  const lines: Buffer[] = []
  child.stderr?.on('data', (data) => lines.push(data))
  const deadline = setTimeout(() => child.kill(), endedWithinMs)
  await ended
  clearTimeout(deadline)
  return Buffer.concat(lines).toString()
}

try {
  const blocks = await commands()
  check(blocks.length > 5 && blocks.length < 10, 'the README needs fewer than ten commands')
  await cp(path.join(root, 'docs'), path.join(folder, 'docs'), { recursive: true })
  await withServer('SIGTERM', async () => {
    const { stdout } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', blocks.join(readersPause)], {
      cwd: folder,
      env: { ...env, API: `http://127.0.0.1:${port}` },
    })
    check(stdout.includes('"firstName":"Ana"'), 'Ana has a profile')
    check(stdout.includes('"text":"Look!"'), 'Ben sees the message')
    check(/^identical$/m.test(stdout), 'Ben downloads the identical bytes')
    check(/^read$/m.test(stdout), 'Ana sees that it was read')
    check(stdout.includes('"userAgent":"curl'), 'the network answers')
    await followGettingStarted({ root, folder, origin: `http://127.0.0.1:${port}` }, check)
  })
  await withServer('SIGINT', async () => {
    const found = await fetch(`http://127.0.0.1:${port}/healthz?deep=true`)
    check(found.ok, 'a second start becomes ready')
    check((await refusal(env)).includes(`Port ${port} is in use`), 'a port in use is reported in one clear line')
    const elsewhere = { ...env, PORT: String(await freePort()) }
    check(
      (await refusal(elsewhere)).includes(`The server on port ${port} uses the data`),
      'a second server on the same data is refused, in one clear line',
    )
  })
} finally {
  await rm(folder, { recursive: true, force: true })
}
