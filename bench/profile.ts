// Where the processor time of the service goes: a CPU profile over the DevTools protocol, attributed to the lines of the
// sources by the map of the bundle.
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { SourceMap } from 'node:module'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Runtime } from '../tests/suites/runtime/runtime.ts'

const sampleMicroseconds = 200
const wakeMs = 20
const answeredWithinMs = 20_000
const functionsShown = 40
const foldersShown = 15

interface CallFrame {
  functionName: string
  url: string
  /** Counted from 0, as V8 does. */
  lineNumber: number
  columnNumber: number
}

interface ProfileNode {
  id: number
  callFrame: CallFrame
  children?: number[]
}

interface Profile {
  nodes: ProfileNode[]
  samples: number[]
  timeDeltas: number[]
}

interface Reply {
  profile?: Profile
}

interface Origin {
  originalSource?: string
  originalLine?: number
}

async function connect({ inspectorUrl, origin }: Runtime) {
  const socket = new WebSocket(inspectorUrl)
  const waiting = new Map<number, (result: Reply) => void>()
  socket.addEventListener('message', ({ data }) => {
    const { id, result = {} } = JSON.parse(data)
    waiting.get(id)?.(result)
  })
  await once(socket, 'open')
  let asked = 0
  const ask = async (method: string, params = {}) => {
    const { promise, resolve } = Promise.withResolvers<Reply>()
    waiting.set(++asked, resolve)
    socket.send(JSON.stringify({ id: asked, method, params }))
    // An idle isolate does not answer.
    const waking = setInterval(() => fetch(`${origin}/healthz`).catch(() => {}), wakeMs)
    const result = await Promise.race([promise, sleep(answeredWithinMs, null, { ref: false })])
    clearInterval(waking)
    if (!result) throw new Error(`No answer to ${method}`)
    return result
  }
  return { ask, close: () => socket.close() }
}

/** Names a function of the bundle by its place in the sources. */
function placesIn(folder: string) {
  const map = new SourceMap(JSON.parse(readFileSync(path.join(folder, 'index.js.map'), 'utf8')))
  return ({ functionName, url, lineNumber, columnNumber }: CallFrame) => {
    const entry: Origin = url === '' ? {} : map.findEntry(lineNumber, columnNumber)
    if (!entry.originalSource) return { file: '(runtime)', place: functionName || '(anonymous)' }
    const file = entry.originalSource.replace(/^(\.\.\/)+/, '').replace(/^.*node_modules\//, 'node_modules/')
    return { file, place: `${functionName || '(anonymous)'} ${file}:${Number(entry.originalLine) + 1}` }
  }
}

const group = (file: string) =>
  file.startsWith('node_modules/')
    ? file
        .split('/')
        .slice(0, file.startsWith('node_modules/@') ? 3 : 2)
        .join('/')
    : file.split('/').slice(0, 2).join('/')

const add = (times: Map<string, number>, key: string, ms: number) => times.set(key, (times.get(key) ?? 0) + ms)

function lines(
  title: string,
  times: Map<string, number>,
  { total, operations }: { total: number; operations: number },
  most: number,
) {
  const sorted = [...times].sort(([, a], [, b]) => b - a).slice(0, most)
  const rows = sorted.map(
    ([name, ms]) =>
      `${((100 * ms) / total).toFixed(1).padStart(6)} %  ${((1_000 * ms) / operations).toFixed(1).padStart(7)} us  ${name}`,
  )
  return [title, ...rows, ''].join('\n')
}

function summarize({ nodes, samples, timeDeltas }: Profile, operations: number, folder: string): string {
  const placeOf = placesIn(folder)
  const places = new Map(nodes.map(({ id, callFrame }) => [id, placeOf(callFrame)]))
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)))
  const [self, inclusive, groups] = [new Map<string, number>(), new Map<string, number>(), new Map<string, number>()]
  let total = 0
  samples.forEach((id, index) => {
    const own = places.get(id)
    if (!own || own.place === '(idle)') return
    // While the isolate is idle, no samples are taken.
    const ms = Math.min(timeDeltas[index] ?? 0, 2 * sampleMicroseconds) / 1_000
    total += ms
    add(self, own.place, ms)
    add(groups, group(own.file), ms)
    const onStack = new Set<string>()
    for (let at: number | undefined = id; at !== undefined; at = parents.get(at))
      onStack.add(places.get(at)?.place ?? '')
    for (const place of onStack) add(inclusive, place, ms)
  })
  const scale = { total, operations }
  return [
    `${operations} operations, ${((1_000 * total) / operations).toFixed(0)} us sampled for each\n`,
    lines('By folder or package, self time', groups, scale, foldersShown),
    lines('By function, self time', self, scale, functionsShown),
    lines('By function, with what it calls', inclusive, scale, functionsShown),
  ].join('\n')
}

/** Profiles the service while `work` runs, which returns how many operations it made. `folder` has the bundle. */
export async function profile(runtime: Runtime, folder: string, work: () => Promise<number>): Promise<string> {
  const { ask, close } = await connect(runtime)
  await ask('Profiler.enable')
  await ask('Profiler.setSamplingInterval', { interval: sampleMicroseconds })
  await ask('Profiler.start')
  const operations = await work()
  const { profile: measured } = await ask('Profiler.stop')
  close()
  if (!measured) throw new Error('There is no profile')
  return summarize(measured, operations, folder)
}
