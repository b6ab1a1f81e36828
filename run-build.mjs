// Compiles src into dist/, for the package and the image: Node does not strip types below node_modules.
import { spawnSync } from 'node:child_process'
import { cpSync, rmSync } from 'node:fs'
import { extname, join } from 'node:path'
import { root } from './run-node.mjs'

/** All other files are copied: the program reads them beside its code. */
const notCopied = ['.ts', '.md']
const dist = join(root, 'dist')

rmSync(dist, { recursive: true, force: true })
const tsc = join(root, 'node_modules/typescript/bin/tsc')
const { status } = spawnSync(process.execPath, [tsc, '-p', join(root, 'tsconfig.build.json')], {
  stdio: ['ignore', 2, 2],
})
if (status !== 0) process.exit(1)
cpSync(join(root, 'src'), dist, {
  recursive: true,
  filter: (path) => !notCopied.includes(extname(path)),
})
