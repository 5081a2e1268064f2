import { describe, expect, test } from 'vitest'
import { documentText } from '../../openapi/document'
import { scripts } from '../../package.json'
import { problems } from '../../src/core/errors'
import { eventTable } from '../../src/core/events'
import { limits } from '../../src/core/limits'
import { callLimits } from '../../src/settings/call-limits'
import { readConfig } from '../../src/settings/config'
import { sendBudgets, trustLevels } from '../../src/settings/send-budgets'
import { usageLimits } from '../../src/settings/usage-limits'
import {
  type Generated,
  generated,
  oapiCodegen,
  openApiGenerator,
  openApiPythonClient,
} from '../suites/languages/clients'

declare global {
  interface ImportMeta {
    /** Vite's: the files that match, or their contents when `eager` is set. */
    glob(patterns: string[], options?: { query: '?raw'; import: 'default'; eager: true }): Record<string, string>
  }
}

/** Vite's paths are relative to this file, with a leading dot for its siblings. */
const fromRoot = (path: string) => new URL(path, 'file:///tests/contract/').pathname.slice(1)

/** The pages, by their paths from the repository root. */
const pages = new Map(
  Object.entries(
    import.meta.glob(['../../{README,CONTRIBUTING}.md', '../../docs/*.md', '../../examples/*/README.md'], {
      query: '?raw',
      import: 'default',
      eager: true,
    }),
  ).map(([path, text]) => [fromRoot(path), text]),
)

/** Every file and folder that a page can link to. Their contents are not read. */
const places = new Set(
  Object.keys(
    import.meta.glob([
      '../../*',
      '../../{docs,examples,openapi,routes,schemas,objects,repositories,migrations,src,tests}/**/*',
    ]),
  ).flatMap((path) => {
    const steps = fromRoot(path).split('/')
    return steps.map((_, index) => steps.slice(0, index + 1).join('/'))
  }),
)

/** The tests with their paths from the repository root. */
const tests = Object.entries(
  import.meta.glob(['../**/*.test.ts', '../model/model-test.ts'], { query: '?raw', import: 'default', eager: true }),
).map(([path, text]) => ({ file: fromRoot(path), text }))

const document: {
  paths: Record<string, Record<string, { operationId: string }>>
  components: { schemas: { ProblemCode: { enum: string[] } } }
} = JSON.parse(documentText())

const textOf = (page: string) => pages.get(page) ?? ''

/** The text without its code blocks, which contain no links or headings. */
const prose = (text: string) => text.replaceAll(/^```.*?^```/gms, '')

/** As GitHub makes them: lowercase, without punctuation, with hyphens for spaces. */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(/\s/g, '-')

const anchorsIn = (text: string) =>
  [...prose(text).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchorOf(heading.trim()))

const linksIn = (text: string) => [...prose(text).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target)

/** Resolves a link against its page; `/` is the repository root. */
function follow(page: string, target: string) {
  const { pathname, hash } = new URL(target, `file:///${page}`)
  return { path: decodeURI(pathname).slice(1).replace(/\/$/, ''), anchor: hash.slice(1) }
}

function isDead(page: string, target: string): boolean {
  const { path, anchor } = follow(page, target)
  if (!places.has(path)) return true
  return anchor !== '' && !anchorsIn(textOf(path)).includes(anchor)
}

test.each([...pages])('every link within the project resolves: %s', (page, text) => {
  const within = linksIn(text).filter((target) => !/^\w+:/.test(target))
  expect(within.filter((target) => isDead(page, target))).toEqual([])
})

test.each(['CONTRIBUTING.md', 'docs/architecture.md', 'docs/storage.md'])(
  'every file and folder that is named exists: %s',
  (page) => {
    const folders = 'src|routes|schemas|objects|repositories|migrations|openapi|docs|tests'
    const named = [...textOf(page).matchAll(new RegExp(`\`((?:${folders})/[\\w./-]*)\``, 'g'))]
    expect(named.length).toBeGreaterThan(3)
    expect(named.map(([, path = '']) => path.replace(/\/$/, '')).filter((path) => !places.has(path))).toEqual([])
  },
)

test('`npm run test:heavy` runs every test that has a long form, and no other', () => {
  const named = scripts['test:heavy'].match(/tests\/[\w./-]+/g) ?? []
  const long = tests.filter(({ text }) => /\bsized\(/.test(text)).map(({ file }) => file)
  const isIn = (file: string, name: string) => file === name || file.startsWith(`${name}/`)
  expect({
    missing: long.filter((file) => !named.some((name) => isIn(file, name))),
    superfluous: named.filter((name) => !long.some((file) => isIn(file, name))),
  }).toEqual({ missing: [], superfluous: [] })
})

test('the README fits on a few screens and links to every page', () => {
  const readme = textOf('README.md')
  expect(readme.split('\n').length).toBeLessThan(120)
  const reached = linksIn(readme).map((target) => follow('README.md', target).path)
  expect([...pages.keys()].filter((page) => page.startsWith('docs/') && !reached.includes(page))).toEqual([])
})

describe('docs/errors.md', () => {
  const rows = [...textOf('docs/errors.md').matchAll(/^\| `(\w+)` \| (\d{3}) \| (.+?) \| (.+?) \|$/gm)]
  const listed = rows.map(([, code = '', status]) => ({ code, status: Number(status) }))

  test('says what to do about every code of the document, and no other', () => {
    const codes = document.components.schemas.ProblemCode.enum
    const told = listed.map(({ code }) => code)
    expect({
      missing: codes.filter((code) => !told.includes(code)),
      unknown: told.filter((code) => !codes.includes(code)),
      twice: told.filter((code, index) => told.indexOf(code) !== index),
    }).toEqual({ missing: [], unknown: [], twice: [] })
  })

  test('gives the status of each code', () => {
    const statuses = new Map(Object.entries(problems).map(([code, { status }]) => [code, status]))
    expect(listed.filter(({ code, status }) => statuses.has(code) && statuses.get(code) !== status)).toEqual([])
  })
})

test('docs/deploying.md lists every log event with its level and fields, and no other', () => {
  const rows = [...textOf('docs/deploying.md').matchAll(/^\| `(\w+)` \| (info|warn|error) \| (.+?) \| .+ \|$/gm)]
  const listed = rows.map(([, event, level, fields = '']) => ({
    event,
    level,
    fields: [...fields.matchAll(/`(\w+)`/g)].map(([, field]) => field),
  }))
  expect(listed).toEqual(eventTable)
})

/** The settings of an operator who has set only what is required. */
const defaults = readConfig({
  ENVIRONMENT: 'development',
  OTP_PROVIDER: 'local',
  JWT_SECRET: 'a secret for tests alone, of some length',
})

test('docs/security.md gives the default of each setting', () => {
  const told = [...textOf('docs/security.md').matchAll(/^\| `([A-Z_]+)` \| ([\d,]+) \|/gm)].map(
    ([, setting = '', figure = '']) => [setting, Number(figure.replaceAll(',', ''))],
  )
  expect(told.length).toBeGreaterThan(5)
  expect(Object.fromEntries(told)).toEqual(
    Object.fromEntries(told.map(([setting = '']) => [setting, Reflect.get(defaults, setting)])),
  )
})

describe('the requirements in docs/security.md', () => {
  const sources = import.meta.glob(['../**/*.test.ts'], { query: '?raw', import: 'default', eager: true })
  const cited = [...textOf('docs/security.md').matchAll(/^\| V\d.* \|$/gm)]
    .flatMap(([row]) => row.split(/ \| |; (?=`[\w-]+`: )/))
    .flatMap((text) => [...text.matchAll(/^`([\w-]+)`: (.+?)(?: \|)?$/g)])
    .map(([, file = '', name = '']) => ({ file, name }))

  const sourceOf = (file: string) =>
    Object.entries(sources).find(([path]) => path.endsWith(`/${file}.test.ts`))?.[1] ?? ''

  /** As written in the test file; a table of rejected cases leaves "is rejected" to the title. */
  const isThere = ({ file, name }: { file: string; name: string }) =>
    [name, name.replace(/ is rejected$/, '')].some((text) =>
      ["'", '"', '`'].some((quote) => sourceOf(file).includes(quote + text + quote)),
    )

  test('cite only tests that exist', () => {
    expect(cited.length).toBeGreaterThan(100)
    expect(cited.filter((test) => !isThere(test))).toEqual([])
  })
})

test('docs/generated-clients.md names every generator with its version and options', () => {
  const page = textOf('docs/generated-clients.md')
  const listed = Object.values(generated).map(
    ({ generator, options = {}, typeMappings = {}, importMappings = {} }: Generated) => {
      const flag = (name: string, values: Record<string, string>) => {
        const given = Object.entries(values).map(([key, value]) => `${key}=${value}`)
        return given.length > 0 ? ` --${name}=${given}` : ''
      }
      return `openapi-generator-cli generate -g ${generator}${flag('additional-properties', options)}${flag('type-mappings', typeMappings)}${flag('import-mappings', importMappings)}`
    },
  )
  const told = [...page.matchAll(/`(openapi-generator-cli generate [^`]+)`/g)].map(([, command]) => command)
  expect(told.toSorted()).toEqual(listed.toSorted())
  for (const version of [
    `openapi-generator ${openApiGenerator}`,
    `types,client\`, ${oapiCodegen}`,
    `openapi-python-client generate\`, ${openApiPythonClient}`,
  ])
    expect(page).toContain(version)
})

describe('every method and path that a page names', () => {
  const unnamed = (path: string) => path.replaceAll(/\{\w+\}|\$\{?\w+\}?/g, '*')
  const operations = new Set(
    Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${unnamed(path)}`),
    ),
  )

  test.each([...pages])('is in the document: %s', (_, text) => {
    const named = [...text.matchAll(/\b(GET|POST|PUT|PATCH|DELETE)(?: |\(')(\/(?:v1|healthz)[^\s`'"?)]*)/g)].map(
      ([, method, path = '']) => `${method} ${unnamed(path)}`,
    )
    expect(named.filter((operation) => !operations.has(operation))).toEqual([])
  })
})

test.each(Object.entries(sendBudgets({})))(
  'docs/security.md gives the figures of every send budget: %s',
  (name, { max }) => {
    const row = textOf('docs/security.md')
      .split('\n')
      .find((line) => line.startsWith('|') && line.includes(`\`${name}\``))
    const [names = [], , ...cells] = (row ?? '')
      .split('|')
      .slice(1)
      .map((cell) => cell.trim().split(', '))
    const at = names.indexOf(`\`${name}\``)
    const shown = (figure: number | null) => figure?.toLocaleString('en') ?? 'any'
    for (const [index, trust] of trustLevels.entries()) {
      const figures = cells[index] ?? []
      expect(figures[figures.length === 1 ? 0 : at], `${name} ${trust}`).toBe(shown(max[trust]))
    }
  },
)

describe('the usage limits', () => {
  const shown = (figure: number | readonly number[] | null) =>
    figure === null
      ? ''
      : ` ${[figure]
          .flat()
          .map((one) => one.toLocaleString('en'))
          .join(', ')}`
  const shownRefusal = (refusal: (typeof usageLimits)[keyof typeof usageLimits]['refusal']) => {
    if (refusal === null) return 'the least recently used ends'
    return refusal === 'waits' ? 'nothing: it waits' : `\`${refusal}\``
  }
  const rows = Object.entries(usageLimits).map(([name, { counts, by, countedIn, refusal, settings, bounds }]) => {
    const figures: [string, number | readonly number[] | null][] = [
      ...Object.entries(settings),
      ...bounds.map((bound): [string, number | readonly number[]] => [bound, limits[bound]]),
    ]
    const shownFigures = figures.map(([figure, value]) => `\`${figure}\`${shown(value)}`).join('; ')
    return `| \`${name}\` | ${counts} | ${by} | ${countedIn} | ${shownRefusal(refusal)} | ${shownFigures} |`
  })

  test('are in docs/security.md as in the table, with no others', () => {
    const section = textOf('docs/security.md').split('### Where each limit is counted')[1]?.split(/^## /m)[0] ?? ''
    expect(section.match(/^\| `.+$/gm)).toEqual(rows)
  })

  test('cover every problem that reports too much use', () => {
    const codes = Object.entries(problems).flatMap(([code, { status }]) =>
      status === 429 || code.endsWith('_full') ? [code] : [],
    )
    const refusals = Object.values(usageLimits).map(({ refusal }) => refusal)
    expect(codes.filter((code) => !refusals.some((refusal) => refusal === code))).toEqual([])
  })

  test('name existing settings with their defaults', () => {
    const settings = Object.values(usageLimits).flatMap(({ settings }) => Object.entries(settings))
    expect(settings.filter(([setting]) => !(setting in defaults))).toEqual([])
    const figures = settings.filter(([, figure]) => figure !== null)
    expect(figures).toEqual(figures.map(([setting]) => [setting, Reflect.get(defaults, setting)]))
  })

  test('match the rate limiters that wrangler.toml declares, with no others', () => {
    const files = import.meta.glob(['../../wrangler.toml'], { query: '?raw', import: 'default', eager: true })
    const [, ...declared] = (files['../../wrangler.toml'] ?? '').split('[[ratelimits]]')
    const figures = declared.map((text) => {
      const [, name = '', id, limit, period] =
        /^\nname = "(\w+)"\nnamespace_id = "(\d+)"\nsimple = \{ limit = (\d+), period = (\d+) \}\n/.exec(text) ?? []
      return { name, id, limit: Number(limit), period: Number(period) }
    })
    const expected = [
      ['OTP_SHIELD_LIMITER', limits.shieldRequestsMax],
      ...Object.values(callLimits).map(({ limiter, perMinute }) => [limiter, limits[perMinute]]),
    ]
    expect(figures.map(({ name, limit }) => [name, limit])).toEqual(expected)
    expect(new Set(figures.map(({ period }) => period))).toEqual(new Set([limits.rateWindowSeconds]))
    expect(new Set(figures.map(({ id }) => id)).size, 'limiters that count apart').toBe(figures.length)
  })
})
