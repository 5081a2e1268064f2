import { app } from './app'
import { demo } from './http/demo'
import { pages } from './http/pages'
import { purgeExpired } from './services/expiry/purge-expired'

export { Group } from '../objects/group'
export { Mailbox } from '../objects/mailbox'

app.route('/', pages())
app.route('/', demo)

export default {
  fetch: app.fetch,
  // Hourly. The next hour makes up for one that fails.
  scheduled: (_, env) => purgeExpired(env, Date.now()),
} satisfies ExportedHandler<Env>
