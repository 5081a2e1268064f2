import newman from 'newman'

const reasonOf = ({ error, source }) => `${source?.name ?? 'the run'}: ${error.message}`

/** Runs requests of a collection, by their ids. Returns what each got, the failures, and the environment afterwards. */
export async function runRequests(collection, ids, { environment, workingDir, onExchange }) {
  const exchanges = []
  const options = {
    collection,
    ...(ids && { folder: ids }),
    environment,
    workingDir,
    reporters: [],
    timeoutRequest: 60_000,
  }
  const summary = await new Promise((resolve, reject) => {
    newman
      .run(options, (error, result) => (error ? reject(error) : resolve(result)))
      .on('request', (_, { item, request, response }) => {
        const exchange = { item, request, response, status: response?.code }
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
