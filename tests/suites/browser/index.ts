// `npm run test:browser`: tests /docs and the demo in a real Chromium against `npm start`. A word after `--` runs only the
// stories whose name contains it.
import { execFileSync } from 'node:child_process'
import path from 'node:path'
import { installMissing, node, root } from '../../../scripts/install.mjs'
import { run, stopOnSignals } from '../../../scripts/processes.mjs'

/** The path of an installed Chromium, if there is one. */
function findChromium() {
  for (const name of ['chromium', 'chromium-browser', 'google-chrome']) {
    try {
      return execFileSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim()
    } catch {
      // Try the next one.
    }
  }
  return undefined
}

const chromium = findChromium()
if (!chromium) {
  console.log('Skipped: Chromium is not installed.')
  process.exit(0)
}

stopOnSignals(1)
await installMissing()
const stories = path.join(import.meta.dirname, 'stories.ts')
process.exit(await run(node, [stories, chromium, ...process.argv.slice(2)], { cwd: root }))
