// Fails if a package of the bundle has a published advisory of high severity or worse. Says so if the registry in use does
// not answer questions about advisories.
import { spawnSync } from 'node:child_process'
import { root } from './install.mjs'

const audit = spawnSync('npm', ['audit', '--omit=dev', '--audit-level=high', '--json'], { cwd: root, encoding: 'utf8' })

/**
 * @param {string} output
 * @returns {{ vulnerabilities?: Record<string, { name: string, severity: string, range: string }> }}
 */
function reportOf(output) {
  try {
    return JSON.parse(output)
  } catch {
    return {}
  }
}

const { vulnerabilities } = reportOf(audit.stdout)
if (vulnerabilities === undefined) console.log('Skipped the advisories: the registry does not answer.')
else {
  for (const { name, severity, range } of Object.values(vulnerabilities)) console.log(`${severity}: ${name} ${range}`)
  process.exitCode = audit.status ?? 1
}
