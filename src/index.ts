import { demo } from '../openapi/demo'
import { pages } from '../openapi/pages'
import { app } from './app'

export { Mailbox } from '../objects/mailbox'

app.route('/', pages)
app.route('/', demo)

export default { fetch: app.fetch } satisfies ExportedHandler<Env>
