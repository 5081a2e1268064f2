// Builds what `npm start` serves: the files behind /docs, and examples/web-chat behind /demo. It goes into a separate
// folder, so that no deploy can include the demo.
import { createHash } from 'node:crypto'
import { cpSync, mkdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { build } from 'esbuild'

const root = path.resolve(import.meta.dirname, '..')
const source = path.join(root, 'examples/web-chat')
const assets = path.join(root, 'dist/local-assets')
const demo = path.join(assets, 'demo')

mkdirSync(demo, { recursive: true })
cpSync(path.join(root, 'dist/assets'), assets, { recursive: true })
for (const name of ['index.html', 'icon.svg']) cpSync(path.join(source, name), path.join(demo, name))
const common = /** @type {const} */ ({
  outdir: demo,
  bundle: true,
  format: 'esm',
  target: 'es2022',
  minify: true,
  sourcemap: true,
  logLevel: 'error',
})
await build({
  ...common,
  entryPoints: [path.join(source, 'main.tsx'), path.join(source, 'style.css')],
  jsx: 'automatic',
  jsxImportSource: 'preact',
})

/** What the page consists of: the service worker keeps these files, and keeps them anew when one changes. */
const files = ['index.html', 'icon.svg', 'main.js', 'style.css']
const hash = createHash('sha256')
for (const name of files) hash.update(readFileSync(path.join(demo, name)))
await build({
  ...common,
  entryPoints: [path.join(source, 'offline/service-worker.ts')],
  define: {
    VERSION: JSON.stringify(hash.digest('hex').slice(0, 16)),
    FILES: JSON.stringify(files.map((name) => (name === 'index.html' ? '/demo' : `/demo/${name}`))),
  },
})
