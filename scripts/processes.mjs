// Children run in their own process groups: one signal to this process ends everything that they started in turn.
import { spawn } from 'node:child_process'

const graceMs = 2_000

/** @type {Map<import('node:child_process').ChildProcess, Promise<number>>} */
const running = new Map()

let stopping = false

/**
 * @param {import('node:child_process').ChildProcess} child
 * @param {NodeJS.Signals} signal
 */
function signalGroup(child, signal) {
  // Without an id it was never started.
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, signal)
  } catch {
    // ESRCH: nothing is left of the group.
  }
}

/**
 * Starts a program; `ended` resolves to its exit code when it and its group are gone.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {import('node:child_process').SpawnOptions} [options]
 */
export function launch(command, args, options = {}) {
  const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'], ...options, detached: true })
  /** @type {Promise<number>} */
  const ended = new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => {
      running.delete(child)
      signalGroup(child, 'SIGKILL')
      // Whatever stops this process decides how it exits.
      if (!stopping) resolve(code ?? 1)
    })
  })
  running.set(child, ended)
  return { child, ended }
}

/**
 * Runs a program to its end and resolves to its exit code.
 *
 * @type {(...program: Parameters<typeof launch>) => Promise<number>}
 */
export const run = (command, args, options) => launch(command, args, options).ended

/**
 * Runs a program that may ask questions, in the terminal's foreground, and resolves to its exit code.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {import('node:child_process').SpawnOptions} [options]
 * @returns {Promise<number>}
 */
export function runInForeground(command, args, options = {}) {
  const child = spawn(command, args, { ...options, stdio: 'inherit' })
  /** @type {NodeJS.Signals[]} */
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
  for (const signal of signals) process.on(signal, () => child.kill(signal))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve(code ?? 1))
  })
}

/**
 * On a signal, ends every child and exits with `exitCode`.
 *
 * @param {number} exitCode
 */
export function stopOnSignals(exitCode) {
  const stop = () => {
    if (stopping) return
    stopping = true
    const children = [...running.keys()]
    const exitWhenGone = () => running.size === 0 && process.exit(exitCode)
    for (const child of children) {
      child.once('close', exitWhenGone)
      signalGroup(child, 'SIGTERM')
    }
    setTimeout(() => {
      for (const child of children) signalGroup(child, 'SIGKILL')
      process.exit(exitCode)
    }, graceMs)
    exitWhenGone()
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stop)
}
