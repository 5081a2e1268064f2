import path from 'node:path'
import { unstable_getMiniflareWorkerOptions } from 'wrangler'
import { root } from '../../../scripts/install.mjs'
import wideLimits from '../../../scripts/wide-limits.json' with { type: 'json' }

/** The service as `wrangler.toml` has it, built into a folder, with the settings of development. */
export function serviceOptions(folder: string) {
  const { workerOptions } = unstable_getMiniflareWorkerOptions(path.join(root, 'wrangler.toml'))
  return {
    ...workerOptions,
    name: 'big-project',
    bindings: {
      ...Object(workerOptions['bindings']),
      ENVIRONMENT: 'development',
      OTP_PROVIDER: 'local',
      ...wideLimits,
      JWT_SECRET: 'a secret for tests alone, of some length',
    },
    modules: [{ type: 'ESModule' as const, path: path.join(folder, 'worker/index.js') }],
    modulesRoot: path.join(folder, 'worker'),
    cf: false as const,
  }
}
