// `node write-config.ts <folder> <service or bare>`: writes the configuration of one of the two workers into the folder that
// holds its build. Requests reach the worker itself: no proxy and no worker for assets is in between.
import { recordConfig } from '../tests/suites/runtime/record-config.ts'
import { serviceOptions } from '../tests/suites/runtime/service-options.ts'
import { bareSecret } from './bare/secret.ts'

const [, , folder, worker] = process.argv
if (!folder || !worker) throw new Error('Name the folder to write to, and the worker.')
const { assets: _, compatibilityDate, compatibilityFlags, ...service } = Object(serviceOptions(folder))

// A run takes longer than an access token is valid, and uploads more than a user may store.
const bindings = { ...service.bindings, ACCESS_TOKEN_SECONDS: '86400', STORAGE_BYTES: '1000000000000' }

const bare = {
  name: 'bare',
  bindings: { SECRET: bareSecret },
  durableObjects: { USERS: { className: 'User', useSQLite: true } },
  modules: service.modules,
  modulesRoot: service.modulesRoot,
  cf: false as const,
}

await recordConfig(folder, {
  ...(worker === 'bare' ? bare : { ...service, bindings }),
  compatibilityDate,
  compatibilityFlags,
  unsafeDirectSockets: [{ host: '127.0.0.1', port: 0 }],
})
