// Types for the parts of two untyped packages that the suite uses.

declare module 'newman' {
  import type { Collection, Environment } from './collection.ts'

  export interface ReceivedResponse {
    code: number
    stream: Buffer
  }

  export interface RequestEvent {
    /** Requests that a script of the collection makes have no name. */
    item: { id: string; name?: string }
    request: { body?: { raw?: string } }
    /** Missing if there was no answer. */
    response?: ReceivedResponse
  }

  export interface Summary {
    run: {
      failures: { error: Error; source?: { name?: string } }[]
      stats: { assertions: { total: number } }
    }
    environment: { toJSON(): Environment }
  }

  export interface RunOptions {
    collection: Collection
    /** Ids of the requests to run; all by default. */
    folder?: string[]
    environment: Environment
    workingDir: string
    reporters: string[]
    timeoutRequest: number
  }

  interface Run {
    on(event: 'request', listener: (error: Error | null, event: RequestEvent) => void): Run
  }

  const newman: { run(options: RunOptions, done: (error: Error | null, summary: Summary) => void): Run }
  export default newman
}

declare module 'openapi-to-postmanv2' {
  export interface Conversion {
    result: boolean
    reason?: string
    output?: { data: object }[]
  }

  const converter: {
    convertV2(
      input: { type: 'string'; data: string },
      options: object,
      done: (error: Error | null, conversion: Conversion) => void,
    ): void
  }
  export default converter
}
