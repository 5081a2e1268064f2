// Copies the static files: the OpenAPI document, and those behind /docs: what Swagger UI and the reading view need of their
// distributions, nothing else of them, and our own files.
import { cpSync, mkdirSync } from 'node:fs'
import path from 'node:path'
import { installMissing, readingView, root } from './install.mjs'

const distribution = path.join(root, 'node_modules/swagger-ui-dist')
const scalar = path.join(readingView, 'node_modules/@scalar/api-reference/dist')
const assets = path.join(root, 'dist/assets')

const sources = {
  'openapi.json': path.join(root, 'openapi/openapi.json'),
  'docs/swagger-ui.css': path.join(distribution, 'swagger-ui.css'),
  'docs/swagger-ui-bundle.js': path.join(distribution, 'swagger-ui-bundle.js'),
  'docs/favicon-32x32.png': path.join(distribution, 'favicon-32x32.png'),
  'docs/docs.css': path.join(root, 'openapi/docs.css'),
  'docs/scalar.css': path.join(scalar, 'style.css'),
  'docs/scalar.js': path.join(scalar, 'browser/standalone.js'),
  'docs/reading.html': path.join(root, 'openapi/reading-view.html'),
  'docs/reading-view.js': path.join(root, 'openapi/reading-view.js'),
  'docs/initializer.js': path.join(root, 'openapi/swagger-initializer.js'),
}

await installMissing(readingView)
mkdirSync(path.join(assets, 'docs'), { recursive: true })
for (const [name, source] of Object.entries(sources)) cpSync(source, path.join(assets, name))
