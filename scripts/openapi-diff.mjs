// `npm run openapi:diff`: lists what the current document would break for clients of the last release, whose document
// is kept in `openapi/released/`. Exits with 1 on a break that `accepted-breaks.json` does not list, and on a listed
// break that does not occur. With a commit as its argument (`npm run openapi:diff -- main`), it compares with that
// commit, and exits with 1 on any break.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { parseAcceptedBreaks, unsettled } from '../openapi/accepted-breaks.ts'
import { breakingChanges } from '../openapi/breaking-changes.ts'
import { root } from './install.mjs'

const file = 'openapi/openapi.json'
const releasedFile = 'openapi/released/openapi.json'
const acceptedFile = 'openapi/released/accepted-breaks.json'

const read = (/** @type {string} */ name) => readFileSync(path.join(root, name), 'utf8')

function documentAt(/** @type {string} */ commit) {
  try {
    return execFileSync('git', ['show', `${commit}:${file}`], {
      cwd: root,
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
  } catch {
    console.error(`${file} does not exist at ${commit}.`)
    process.exit(1)
  }
}

function list(/** @type {string} */ title, /** @type {string[]} */ lines) {
  if (lines.length > 0) console.log([title, ...lines.map((line) => `  ${line}`)].join('\n'))
}

const commit = process.argv[2]
const before = commit ? documentAt(commit) : read(releasedFile)
const accepted = commit ? [] : parseAcceptedBreaks(read(acceptedFile))
const breaks = breakingChanges(JSON.parse(before), JSON.parse(read(file)), ['ClientFrame'])
const { refused, stale } = unsettled(breaks, accepted)

list('Breaking changes:', refused)
list(`Listed in ${acceptedFile}, but not found:`, stale)
const count = breaks.length - refused.length
console.log(
  `Compared with ${commit ?? releasedFile}: ${refused.length} breaking changes${count > 0 ? ` and ${count} accepted ones` : ''}.`,
)
if (refused.length + stale.length > 0) process.exitCode = 1
