// Programs of other languages' toolchains, a few at a time, with their output in a file each.
import { execFileSync } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { mkdir, readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import path from 'node:path'
import { root } from '../../../scripts/install.mjs'
import { launch } from '../../../scripts/processes.mjs'

/** Whatever is generated, compiled or downloaded. Git ignores it. */
export const folder = path.join(root, 'dist/languages')
export const within = (...names: string[]) => path.join(folder, ...names)

const logs = within('logs')
const shownLines = 25

export function hasCommand(name: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${name}`], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

const waiting: (() => void)[] = []
let free = Math.max(2, availableParallelism())

async function turn<Result>(work: () => Promise<Result>): Promise<Result> {
  if (free === 0) await new Promise<void>((resolve) => waiting.push(resolve))
  else free--
  try {
    return await work()
  } finally {
    const next = waiting.shift()
    if (next) next()
    else free++
  }
}

interface Options {
  cwd?: string
  env?: Record<string, string>
}

/** Runs a program once it is its turn; rejects with the end of its output unless it succeeds. */
export const execute = (name: string, command: string, args: string[], { cwd = folder, env }: Options = {}) =>
  turn(async () => {
    await mkdir(logs, { recursive: true })
    const log = path.join(logs, `${name}.log`)
    const { child, ended } = launch(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const file = createWriteStream(log)
    let output = ''
    child.stdout?.on('data', (data: Buffer) => (output += data))
    for (const stream of [child.stdout, child.stderr]) stream?.pipe(file, { end: false })
    const exitCode = await ended
    await new Promise<void>((resolve) => file.end(resolve))
    if (exitCode === 0) return output
    const said = (await readFile(log, 'utf8')).trimEnd().split('\n').slice(-shownLines)
    throw new Error([`${command} exited with ${exitCode}:`, ...said].join('\n    '))
  })
