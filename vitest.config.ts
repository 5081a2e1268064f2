import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { cloudflareTest, readD1Migrations } from '@cloudflare/vitest-pool-workers'
import { defineConfig, type Plugin } from 'vitest/config'
import './scripts/docs-assets.mjs'
import wideLimits from './scripts/wide-limits.json' with { type: 'json' }
import { leanModules } from './tests/support/lean-modules.ts'

process.env['CLOUDFLARE_CF_FETCH_ENABLED'] = 'false'
process.env['WRANGLER_LOG'] ??= 'warn'
// Wrangler warns about required secrets that are missing; the tests bring their own.
for (const name of ['JWT_SECRET', 'TWILIO_ACCOUNT_SID', 'TWILIO_AUTH_TOKEN', 'TWILIO_VERIFY_SERVICE_SID'])
  process.env[name] ??= ''

// The cache of transformed modules goes by a module's text and this file; these shape the result as well.
const transformSettings = ['tsconfig.json', 'wrangler.toml'].map((file) => readFileSync(file, 'utf8')).join('\n')

// Each file's runtime fetches every module anew: bundled once, these are about twenty modules instead of 350.
const bundledDependencies = [
  '@hono/zod-openapi',
  'hono',
  'hono/body-limit',
  'hono/cors',
  'hono/factory',
  'hono/http-exception',
  'hono/route',
  'hono/secure-headers',
  'hono/utils/http-status',
  'jose',
  'libphonenumber-js/core',
  'zod',
  'zod/v4',
]

const cacheKey: Plugin = {
  name: 'cache-key',
  configureVitest: ({ defineCacheKeyGenerator }) => defineCacheKeyGenerator(() => transformSettings),
}

export default defineConfig({
  // Beside what else is built: checkouts that share `node_modules` would replace each other's bundles in the middle of a run.
  cacheDir: 'dist/vite',
  plugins: [
    cacheKey,
    cloudflareTest(async () => ({
      main: './tests/support/worker.ts',
      wrangler: { configPath: './wrangler.toml' },
      miniflare: {
        durableObjects: { NOTEBOOK: { className: 'Notebook', useSQLite: true } },
        bindings: {
          ENVIRONMENT: 'development',
          OTP_PROVIDER: 'local',
          JWT_SECRET: 'a secret for tests alone, of some length',
          OTP_SHIELD: wideLimits.OTP_SHIELD,
          NETWORK_LIMITS: wideLimits.NETWORK_LIMITS,
          USER_LIMITS: wideLimits.USER_LIMITS,
          OTP_BUDGETS: wideLimits.OTP_BUDGETS,
          // No person writes what a test writes in seconds; the tests of the rate set their own.
          REQUEST_BYTES_PER_DAY: wideLimits.REQUEST_BYTES_PER_DAY,
          SENDS_AT_ONCE: wideLimits.SENDS_AT_ONCE,
          SENDS_PER_MINUTE: wideLimits.SENDS_PER_MINUTE,
          READ_MARKS_PER_MINUTE: wideLimits.READ_MARKS_PER_MINUTE,
          D1_MIGRATIONS: await readD1Migrations('migrations'),
        },
      },
    })),
    leanModules,
  ],
  test: {
    include: ['tests/**/*.test.ts'],
    globalSetup: ['tests/support/global-setup.ts'],
    setupFiles: ['tests/support/setup.ts'],
    reporters: [
      'default',
      './tests/support/notes-reporter.ts',
      './tests/support/runtime-log-reporter.ts',
      './tests/support/coverage-reporter.ts',
      ['json', { outputFile: 'dist/test-results.json' }],
    ],
    // A bound for tests that hang, not a measurement: machines are noisy.
    testTimeout: 120_000,
    deps: { optimizer: { ssr: { enabled: true, include: bundledDependencies } } },
    // A module is transformed once for all files. Its entry is found by its text, so that none is ever out of date.
    fsModuleCache: true,
    // Most tests make several requests to a real runtime.
    slowTestThreshold: 5_000,
    // Tests spend much of their time waiting: one worker more than cores keeps all cores busy.
    maxWorkers: availableParallelism() + 1,
    expect: { poll: { timeout: 30_000 } },
    // An alarm can wake an object, which loads its modules, just as the runtime of a file is shut down: its tests are over
    // by then, and whatever they check has been checked. Every other unhandled error fails the run.
    onUnhandledError: ({ message }) =>
      message.endsWith('Closing rpc while "resolve" was pending') ? false : undefined,
    // Requests are logged; only the logs of a failing test are worth reading.
    silent: 'passed-only',
  },
})
