import { documentText } from '../openapi/document'
import { app } from './app'
import { demo } from './http/demo'
import { pages } from './http/pages'

export { Mailbox } from '../objects/mailbox'

app.route('/', pages(documentText))
app.route('/', demo)

export default { fetch: app.fetch } satisfies ExportedHandler<Env>
