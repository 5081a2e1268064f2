// Builds what `npm start` serves: the files for /docs, and examples/web-chat for /demo. They have their own folder, so
// that a deploy can never include the demo.
import { cpSync, mkdirSync } from 'node:fs'
import path from 'node:path'
import { build } from 'esbuild'

const root = path.resolve(import.meta.dirname, '..')
const source = path.join(root, 'examples/web-chat')
const assets = path.join(root, 'dist/local-assets')
const demo = path.join(assets, 'demo')

mkdirSync(demo, { recursive: true })
cpSync(path.join(root, 'dist/assets'), assets, { recursive: true })
for (const name of ['index.html', 'icon.svg']) cpSync(path.join(source, name), path.join(demo, name))
await build({
  entryPoints: [path.join(source, 'main.tsx'), path.join(source, 'style.css')],
  outdir: demo,
  bundle: true,
  format: 'esm',
  target: 'es2022',
  jsx: 'automatic',
  jsxImportSource: 'preact',
  minify: true,
  sourcemap: true,
  logLevel: 'error',
})
