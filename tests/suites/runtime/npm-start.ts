// Runs `npm start` as you would, with its own port and data, and reads the sign-in codes from its output.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { root } from '../../../scripts/install.mjs'
import { launch } from '../../../scripts/processes.mjs'
import { freePort } from './free-port.ts'

// Generous limits that only catch hangs.
const readyWithinMs = 300_000
const codeWithinMs = 60_000
const pollMs = 100

export interface NpmServer {
  port: number
  origin: string
  /** Waits for the next code for a phone number; each call consumes one. */
  codeFor: (phoneNumber: string) => Promise<string>
  stop: () => Promise<void>
  output: () => string
}

async function until<T>(what: string, ms: number, find: () => T | undefined | false): Promise<T> {
  for (const end = Date.now() + ms; Date.now() < end; await wait(pollMs)) {
    const found = find()
    if (found) return found
  }
  throw new Error(`${what} took longer than ${ms} ms`)
}

interface Options {
  port?: number
  /** Environment variables for the server alone. */
  environment?: Record<string, string>
}

/** Starts a fresh server. Set `PORT` to choose its port. */
export async function npmStart({ port = Number(process.env['PORT']), environment }: Options = {}): Promise<NpmServer> {
  const stateDir = await mkdtemp(path.join(tmpdir(), 'npm-start-'))
  const chosen = port || (await freePort())
  const env = { ...process.env, ...environment, PORT: String(chosen), STATE_DIR: stateDir }
  const { child, ended } = launch('npm', ['start'], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (data: Buffer) => (output += data))
  const origin = `http://localhost:${chosen}`

  const isReady = () => {
    if (child.exitCode !== null) throw new Error(`The server did not start:\n${output}`)
    return output.includes('Big Project is running.')
  }
  const taken = new Map<string, number>()
  const codeFor = (phoneNumber: string) => {
    const count = (taken.get(phoneNumber) ?? 0) + 1
    taken.set(phoneNumber, count)
    const isNext = () =>
      output
        .split(`Code for ${phoneNumber}: `)
        .at(count)
        ?.match(/^\d+(?=\s)/)?.[0]
    return until(`Code ${count} for ${phoneNumber}`, codeWithinMs, isNext)
  }
  const stop = async () => {
    child.kill('SIGTERM')
    await ended
    await rm(stateDir, { recursive: true, force: true, maxRetries: 3 })
  }

  await until('Starting', readyWithinMs, isReady).catch(async (error) => {
    await stop()
    throw error
  })
  return { port: chosen, origin, codeFor, stop, output: () => output }
}
