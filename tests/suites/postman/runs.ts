import newman, { type RequestEvent, type Summary } from 'newman'
import type { Collection, Environment } from './collection.ts'

export interface Exchange extends RequestEvent {
  /** Missing if there was no answer. */
  status: number | undefined
}

interface Options {
  environment: Environment
  workingDir: string
  onExchange?: (exchange: Exchange) => void
}

interface Result {
  exchanges: Exchange[]
  failures: string[]
  /** The environment as the scripts of the collection left it. */
  environment: Environment
  stats: Summary['run']['stats']
}

const reasonOf = ({ error, source }: Summary['run']['failures'][number]) =>
  `${source?.name ?? 'the run'}: ${error.message}`

/** Runs the requests with the given ids, or all of them. */
export async function runRequests(
  collection: Collection,
  ids: string[] | undefined,
  { environment, workingDir, onExchange }: Options,
): Promise<Result> {
  const exchanges: Exchange[] = []
  const options = {
    collection,
    ...(ids && { folder: ids }),
    environment,
    workingDir,
    reporters: [],
    timeoutRequest: 60_000,
  }
  const summary = await new Promise<Summary>((resolve, reject) => {
    newman
      .run(options, (error, result) => (error ? reject(error) : resolve(result)))
      .on('request', (_, event) => {
        const exchange = { ...event, status: event.response?.code }
        exchanges.push(exchange)
        onExchange?.(exchange)
      })
  })
  return {
    exchanges,
    failures: summary.run.failures.map(reasonOf),
    environment: summary.environment.toJSON(),
    stats: summary.run.stats,
  }
}
