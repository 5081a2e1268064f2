// `npm run asyncapi:lint`: validates the committed document with AsyncAPI's own parser. Errors and warnings fail.
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { DiagnosticSeverity, Parser } from '@asyncapi/parser'

const file = 'openapi/asyncapi.json'
const text = readFileSync(path.resolve(import.meta.dirname, '..', file), 'utf8')

// Anything below a warning is a hint, such as that a later version of AsyncAPI exists.
const faults = (await new Parser().validate(text)).filter(({ severity }) => severity <= DiagnosticSeverity.Warning)
for (const { range, path: place, message } of faults)
  console.error(`${file}:${range.start.line + 1} ${place.join('/')}: ${message}`)
if (faults.length > 0) process.exitCode = 1
else console.log(`${file} is a valid AsyncAPI document.`)
