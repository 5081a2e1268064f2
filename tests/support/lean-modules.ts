// Runs in Node. The runtime of each test file is sent every module anew, as text, and most of that text is source maps.
// It needs them for the lines in a stack trace alone: not for dependencies, and never the sources in them.
import { readFileSync } from 'node:fs'
import type { Plugin } from 'vitest/config'

interface CachedModule {
  cached: true
  tmp: string
  id: string
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

const isCachedModule = (value: unknown): value is CachedModule & Record<string, unknown> =>
  isRecord(value) && value['cached'] === true && typeof value['tmp'] === 'string' && typeof value['id'] === 'string'

// Followed by what the cache of modules keeps for itself.
const inlineMap = /\/\/# sourceMappingURL=data:application\/json;base64,([A-Za-z0-9+/=]+)\n[\s\S]*$/

function leanMap(encoded: string): string {
  const { sourcesContent: _, ...map } = JSON.parse(Buffer.from(encoded, 'base64').toString())
  return Buffer.from(JSON.stringify(map)).toString('base64')
}

const isDependency = (id: string) => /\/node_modules\/|\/deps_ssr\//.test(id)

/** The code of a module, with as little of its map as shows where an error was thrown. */
export function leanCode(id: string, code: string): string {
  const found = inlineMap.exec(code)
  if (!found?.[1]) return code
  const bare = code.slice(0, found.index)
  return isDependency(id) ? bare : `${bare}//# sourceMappingURL=data:application/json;base64,${leanMap(found[1])}\n`
}

/** By the file that holds the module; its name goes by the module's text. */
const leanCodes = new Map<string, string>()

function codeOf({ tmp, id }: CachedModule): string {
  const known = leanCodes.get(tmp)
  if (known !== undefined) return known
  const code = leanCode(id, readFileSync(tmp, 'utf8'))
  leanCodes.set(tmp, code)
  return code
}

function withCode(value: unknown): unknown {
  if (!isCachedModule(value)) return value
  const { cached: _, tmp: __, ...rest } = value
  return { ...rest, code: codeOf(value) }
}

/** A reply to the runtime: one module, or a map of them by id and URL. */
function leanReply(reply: unknown): unknown {
  if (!isRecord(reply) || Array.isArray(reply)) return reply
  if (isCachedModule(reply)) return withCode(reply)
  if (!Object.values(reply).some(isCachedModule)) return reply
  return Object.fromEntries(Object.entries(reply).map(([id, module]) => [id, withCode(module)]))
}

const withLeanReply = <T extends object>(message: T): T =>
  'r' in message ? { ...message, r: leanReply(message.r) } : message

export const leanModules: Plugin = {
  name: 'lean-modules',
  configureVitest({ project }) {
    const runner = project.config.poolRunner
    if (!runner) throw new Error('The plugin of the Workers pool comes before this one')
    project.config.poolRunner = {
      ...runner,
      createPoolWorker(options) {
        const worker = runner.createPoolWorker(options)
        const send = worker.send.bind(worker)
        worker.send = (message) => send(withLeanReply(message))
        return worker
      },
    }
  },
}
