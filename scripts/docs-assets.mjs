// Copies the static files: the OpenAPI document, and those behind /docs: what Swagger UI needs of its distribution,
// nothing else of it, and our own files.
import { cpSync, mkdirSync } from 'node:fs'
import path from 'node:path'

const root = path.resolve(import.meta.dirname, '..')
const distribution = path.join(root, 'node_modules/swagger-ui-dist')
const assets = path.join(root, 'dist/assets')

const sources = {
  'openapi.json': path.join(root, 'openapi/openapi.json'),
  'docs/swagger-ui.css': path.join(distribution, 'swagger-ui.css'),
  'docs/swagger-ui-bundle.js': path.join(distribution, 'swagger-ui-bundle.js'),
  'docs/favicon-32x32.png': path.join(distribution, 'favicon-32x32.png'),
  'docs/docs.css': path.join(root, 'openapi/docs.css'),
  'docs/initializer.js': path.join(root, 'openapi/swagger-initializer.js'),
}

mkdirSync(path.join(assets, 'docs'), { recursive: true })
for (const [name, source] of Object.entries(sources)) cpSync(source, path.join(assets, name))
