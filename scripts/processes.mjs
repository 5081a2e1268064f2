// Each child runs in its own process group, so one signal to this process ends everything that the children started.
import { spawn } from 'node:child_process'

const graceMs = 2_000

const running = new Map()

let stopping = false

function signalGroup(child, signal) {
  try {
    process.kill(-child.pid, signal)
  } catch {
    // ESRCH: nothing is left of the group.
  }
}

/** Starts a program; `ended` resolves to its exit code once the program and its group are gone. */
export function launch(command, args, options = {}) {
  const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'], ...options, detached: true })
  const ended = new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => {
      running.delete(child)
      signalGroup(child, 'SIGKILL')
      // The code that stops this process decides its exit code.
      if (!stopping) resolve(code ?? 1)
    })
  })
  running.set(child, ended)
  return { child, ended }
}

/** Runs a program to its end and resolves to its exit code. */
export const run = (command, args, options) => launch(command, args, options).ended

/** On a signal, ends every child and exits with `exitCode`. */
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
