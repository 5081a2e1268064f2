import { parseEnv } from 'node:util'

/**
 * What `.dev.vars` sets besides the required secrets: Wrangler passes on only those that `wrangler.toml` names.
 * @param {string} devVars
 * @param {string} wranglerToml
 * @returns {Record<string, string>}
 */
export function optionalVars(devVars, wranglerToml) {
  const required = /^required = \[(.*)\]$/m.exec(wranglerToml)?.[1] ?? ''
  const entries = Object.entries(parseEnv(devVars)).map(([name, value = '']) => [name, value])
  return Object.fromEntries(entries.filter(([name, value]) => value && !required.includes(`"${name}"`)))
}
