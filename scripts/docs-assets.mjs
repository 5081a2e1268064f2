// Collects the static files for /docs: only what Swagger UI needs from its distribution, and this project's own files.
import { cpSync, mkdirSync } from 'node:fs'
import path from 'node:path'

const root = path.resolve(import.meta.dirname, '..')
const distribution = path.join(root, 'node_modules/swagger-ui-dist')
const assets = path.join(root, 'dist/assets/docs')

const sources = {
  'swagger-ui.css': path.join(distribution, 'swagger-ui.css'),
  'swagger-ui-bundle.js': path.join(distribution, 'swagger-ui-bundle.js'),
  'favicon-32x32.png': path.join(distribution, 'favicon-32x32.png'),
  'docs.css': path.join(root, 'openapi/docs.css'),
  'initializer.js': path.join(root, 'openapi/swagger-initializer.js'),
}

mkdirSync(assets, { recursive: true })
for (const [name, source] of Object.entries(sources)) cpSync(source, path.join(assets, name))
