// Builds the web application into dist/: run by run-web.mjs and run-build.mjs with Node 24.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'

// Whoever builds it, such as a test: what is built is for production.
process.env.NODE_ENV = 'production'
const { build } = await import('vite')

const web = dirname(fileURLToPath(import.meta.url))
/** Made beside its place and then moved, so that what is there is always whole. */
const making = join(web, 'dist.new')
const dist = join(web, 'dist')
/** What packs well. Pictures and fonts are packed already. */
const packable = /\.(?:js|css|html|svg|json)$/
const leastBytes = 600

/** The theme's script, too, gets a name by its content, so that browsers may keep it. */
function nameTheme() {
  const path = join(making, 'theme.js')
  const text = readFileSync(path)
  const name = `assets/theme-${createHash('sha256').update(text).digest('base64url').slice(0, 8)}.js`
  renameSync(path, join(making, name))
  const page = join(making, 'index.html')
  const html = readFileSync(page, 'utf8')
  const named = html.replace('/app/theme.js', `/app/${name}`)
  if (named === html) throw new Error('index.html does not load theme.js')
  writeFileSync(page, named)
}

const brotli = promisify(brotliCompress)
const zip = promisify(gzip)
const best = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY }

async function pack(path) {
  const plain = readFileSync(path)
  if (plain.length < leastBytes) return
  writeFileSync(`${path}.br`, await brotli(plain, { params: best }))
  writeFileSync(`${path}.gz`, await zip(plain, { level: constants.Z_BEST_COMPRESSION }))
}

rmSync(making, { recursive: true, force: true })
await build({
  root: web,
  configFile: join(web, 'vite.config.ts'),
  logLevel: 'warn',
  build: { outDir: making, emptyOutDir: true },
})
nameTheme()
const made = readdirSync(making, { recursive: true, withFileTypes: true })
await Promise.all(
  made
    .filter((entry) => entry.isFile() && packable.test(entry.name))
    .map((entry) => pack(join(entry.parentPath, entry.name))),
)
writeFileSync(join(making, 'built-from'), process.argv[2] ?? '')
rmSync(dist, { recursive: true, force: true })
renameSync(making, dist)
