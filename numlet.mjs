#!/usr/bin/env node
// The command of the package: runs the compiled program with Node 24. Needs only Node 20.
import { basename, dirname, join } from 'node:path'
import { pickNode, root, run } from './run-node.mjs'

/** Dependencies are beside the package, or in it. */
const parent = dirname(root)
const modules = basename(parent) === 'node_modules' ? parent : join(root, 'node_modules')

process.exitCode = await run(pickNode(), ['dist/main.js', ...process.argv.slice(2)], {
  cwd: process.cwd(),
  modules,
})
