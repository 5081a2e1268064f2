// A server that has grown: it passes requests on to another, and adds to its answers. It also hands out sign-in codes.
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'
import type { NpmServer } from '../runtime/npm-start.ts'
import { Grower } from './grown-values.ts'

const ofConnection = [
  'host',
  'connection',
  'content-length',
  'transfer-encoding',
  'content-encoding',
  'expect',
  'upgrade',
  'http2-settings',
]

const isKept = ([name]: [string, string]) => !ofConnection.includes(name)

export interface GrownServer {
  /** The grown server. */
  origin: string
  /** Followed by a phone number, the address of its next code. */
  codes: string
  stop: () => void
}

export async function growingProxy({ origin: upstream, codeFor }: NpmServer): Promise<GrownServer> {
  const grower = new Grower(await (await fetch(`${upstream}/openapi.json`)).json())

  async function pass(request: IncomingMessage, response: ServerResponse) {
    const { method = 'GET', url = '/' } = request
    const headers = Object.entries(request.headers).map(([name, value]): [string, string] => [name, String(value)])
    const body = await buffer(request)
    const answer = await fetch(upstream + url, {
      method,
      headers: headers.filter(isKept),
      redirect: 'manual',
      ...(body.byteLength > 0 && { body: new Uint8Array(body) }),
    })
    const bytes = Buffer.from(await answer.arrayBuffer())
    const type = answer.headers.get('Content-Type') ?? ''
    const isJson = /^application\/(\w+\+)?json$/.test(type)
    const schema = isJson && grower.schemaOf(method, new URL(url, upstream).pathname, answer.status, type)
    const sent =
      schema && bytes.byteLength > 0 ? JSON.stringify(grower.grown(schema, JSON.parse(bytes.toString()))) : bytes
    response.writeHead(answer.status, Object.fromEntries([...answer.headers].filter(isKept)))
    response.end(sent)
  }

  const server = createServer((request, response) => {
    const number = /^\/codes\/(\d+)$/.exec(request.url ?? '')?.[1]
    const answered = number ? codeFor(`+${number}`).then((code) => response.end(code)) : pass(request, response)
    answered.catch((error) => response.writeHead(502).end(String(error)))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || !address) throw new Error('The proxy has no port.')
  const origin = `http://127.0.0.1:${address.port}`
  return {
    origin,
    codes: `${origin}/codes/`,
    stop: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
