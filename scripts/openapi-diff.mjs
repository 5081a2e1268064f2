// `npm run openapi:diff`: what the present document would break for clients of the last release, that is of the last
// tag, or of the commit that an argument names (`npm run openapi:diff -- main`). Ends with 1 on any break. A release
// that means to break clients is tagged before its successor is compared.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { breakingChanges } from '../openapi/breaking-changes.ts'

const file = 'openapi/openapi.json'

function git(/** @type {string[]} */ ...args) {
  try {
    return execFileSync('git', args, {
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
  } catch {
    // No repository, no such commit, or a commit without the file.
    return undefined
  }
}

const asked = process.argv[2]
const tag = git('describe', '--tags', '--abbrev=0')?.trim()
const base = asked ?? tag ?? 'HEAD~1'
const before = git('show', `${base}:${file}`)

if (before === undefined) {
  console.log(
    `${tag || asked ? `${base} has no ${file}` : 'There is no tag and no earlier commit'}: nothing to compare with.`,
  )
  process.exit(asked ? 1 : 0)
}
const breaks = breakingChanges(JSON.parse(before), JSON.parse(readFileSync(file, 'utf8')), ['ClientFrame'])
for (const line of breaks) console.log(`  ${line}`)
console.log(
  `Compared with ${base}: ${breaks.length === 0 ? 'nothing breaks a client' : `${breaks.length} breaking changes`}.`,
)
if (!asked && !tag) console.log('There is no tag: nothing has been released, so nothing can break yet.')
else if (breaks.length > 0) process.exitCode = 1
