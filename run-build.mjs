// Compiles src into dist/, for the package and the image: Node does not strip types below node_modules.
import { spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, extname, join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { root } from './run-node.mjs'

const dist = join(root, 'dist')
const codes = join(dist, 'core/codes')
const words = join(root, 'src/core/codes/words')

function tsc(...args) {
  const program = join(root, 'node_modules/typescript/bin/tsc')
  const { status } = spawnSync(process.execPath, [program, ...args], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  })
  if (status !== 0) process.exit(1)
}

/** All files but the code, which the program reads beside it. The words are in a module of their own. */
function copyData() {
  const isCopied = (path) => !['.ts', '.md'].includes(extname(path)) && path !== words
  cpSync(join(root, 'src'), dist, { recursive: true, filter: isCopied })
}

/** The types of the entry `numlet/codes`, and of the files that it consists of. */
function writeTypes() {
  const options = ['--declaration', '--emitDeclarationOnly', '--rewriteRelativeImportExtensions']
  const language = ['--target', 'es2024', '--module', 'nodenext', '--types', 'node', '--strict']
  const places = ['--rootDir', 'src', '--outDir', dist, '--skipLibCheck', '--ignoreConfig']
  tsc('src/codes.ts', ...options, ...language, ...places)
}

/** The dashboard as web/build.mjs has made it. */
function copyWeb() {
  const web = join(root, 'web/dist')
  if (!existsSync(web)) throw new Error('web/dist is missing: run node web/build.mjs first')
  cpSync(web, join(dist, 'web'), { recursive: true })
}

/** A module with the words of all languages in place of the one that compiles them from their lists. */
async function packWords() {
  const compiled = (name) => import(pathToFileURL(join(codes, name)).href)
  const { compileWords } = await compiled('word-compiler.js')
  const { packWords } = await compiled('word-packing.js')
  const lists = readdirSync(words)
    .sort()
    .map((name) => [basename(name, '.tsv'), readFileSync(join(words, name), 'utf8')])
  const packed = JSON.stringify(packWords(compileWords(Object.fromEntries(lists))))
  writeFileSync(
    join(codes, 'word-source.js'),
    `// Generated from the lists of words in src/core/codes/words.
import { unpackWords } from './word-packing.js'
export const wordTable = () => unpackWords(${packed})
`,
  )
}

/** What is used of another package stands beside the code: browsers find no packages. */
function copyEntities() {
  const from = join(root, 'node_modules/entities')
  const to = join(dist, 'vendor/entities')
  mkdirSync(to, { recursive: true })
  cpSync(join(from, 'LICENSE'), join(to, 'LICENSE'))
  copyModule(join(from, 'dist/esm/decode.js'), join(to, 'decode.js'))
  for (const name of readdirSync(codes).filter((one) => one.endsWith('.js'))) {
    const path = join(codes, name)
    const code = readFileSync(path, 'utf8')
    const target = relative(codes, join(to, 'decode.js')).replaceAll('\\', '/')
    if (code.includes("'entities/decode'"))
      writeFileSync(path, code.replace("'entities/decode'", `'${target}'`))
  }
}

/** Copies a module and those that it imports. */
function copyModule(from, to) {
  const code = readFileSync(from, 'utf8')
  mkdirSync(dirname(to), { recursive: true })
  writeFileSync(to, code.replace(/^\/\/# sourceMappingURL=.*$/m, ''))
  for (const [, target] of code.matchAll(/^import .* from "(\.[^"]+)";$/gm))
    copyModule(join(dirname(from), target), join(dirname(to), target))
}

rmSync(dist, { recursive: true, force: true })
tsc('-p', 'tsconfig.build.json')
copyData()
copyWeb()
writeTypes()
await packWords()
copyEntities()
