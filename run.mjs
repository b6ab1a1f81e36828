// Makes a fresh clone run: gets the dependencies, picks Node 24, runs a command with it. Needs only Node 20 and npm.
import { constants } from 'node:os'
import { join } from 'node:path'
import { ensureInstalled } from './run-install.mjs'
import { fail, pickNode, root, run, say, stopSignals, watchParent } from './run-node.mjs'
import { ensureWeb } from './run-web.mjs'

const modules = join(root, 'node_modules')

const biome = 'node_modules/@biomejs/biome/bin/biome'
const vitest = ['node_modules/vitest/vitest.mjs', 'run']
/** The software bill of materials: of what runs, on every platform, as package-lock.json says. */
const sbom = [
  'node_modules/@cyclonedx/cyclonedx-npm/bin/cyclonedx-npm-cli.js',
  ...['--package-lock-only', '--omit', 'dev', '--mc-type', 'application', '--validate'],
  ...['--flatten-components', '--output-reproducible'],
]
/** Collects the texts of the pages in the catalogue; those that are gone are taken out. */
const lingui = ['extract', '--clean', '--config', 'web/lingui.config.ts']
/** Commands that need the development tools. */
const developing = [
  '--test',
  '--test-long',
  '--bench',
  '--codes-train',
  '--check',
  '--format',
  '--build',
  '--sbom',
  '--web-types',
  '--web-texts',
  '--screenshots',
]

/** Commands that show the dashboard, or check its code. */
const showing = ['start', 'serve', '--check', '--build', '--web-texts', '--screenshots']

/** The programs of a command line, run one after the other. */
function programsFor([command, ...rest]) {
  if (command === '--test') return [[...vitest, ...rest]]
  if (command === '--test-long') return [[...vitest, '--config', 'vitest.long.config.ts', ...rest]]
  if (command === '--bench') return [['bench/main.ts', ...rest]]
  if (command === '--codes-train') return [['training/main.ts', ...rest]]
  if (command === '--format') return [[biome, 'check', '--write', '.', ...rest]]
  if (command === '--build') return [['run-build.mjs', ...rest]]
  if (command === '--sbom') return [[...sbom, ...rest]]
  if (command === '--web-types') return [['test/web/api-types.ts']]
  if (command === '--web-texts') return [['web/node_modules/@lingui/cli/dist/lingui.js', ...lingui]]
  if (command === '--screenshots')
    return [[...vitest, '--config', 'vitest.screenshots.config.ts', ...rest]]
  if (command === '--check')
    return [
      [biome, 'check', '.'],
      ['node_modules/typescript/bin/tsc', '-p', '.'],
      ['node_modules/typescript/bin/tsc', '-p', 'web'],
      [...vitest, ...rest],
    ]
  return [['src/main.ts', ...(command === undefined ? [] : [command]), ...rest]]
}

async function main(args) {
  await install(args[0], developing.includes(args[0]))
  const node = pickNode()
  for (const program of programsFor(args)) {
    // A tool works on the whole repository; file names in a command are relative to the caller's directory.
    const cwd = program[0].startsWith('src/') ? process.cwd() : root
    const code = await run(node, program, { cwd, modules })
    if (code !== 0) return code
  }
  return 0
}

/** Installs missing dependencies. If stopped, the process exits, with 0 if a start was to be stopped. */
async function install(command, needsDev) {
  const stop = hearStop()
  try {
    const signal =
      (await ensureInstalled({ root, needsDev, say, stop: stop.asked })) ??
      (showing.includes(command) ? await prepareWeb(command, stop.asked) : null)
    if (signal !== null) process.exit(command === 'start' ? 0 : 128 + constants.signals[signal])
  } catch (error) {
    fail(error.code ? `Cannot create node_modules (${error.message}).` : error.message)
  } finally {
    stop.end()
  }
}

/** Builds the dashboard. A server that cannot have it serves all else. */
async function prepareWeb(command, stop) {
  try {
    return await ensureWeb({ root, node: pickNode, say, stop })
  } catch (error) {
    if (command !== 'start' && command !== 'serve') throw error
    say(`The dashboard is not served, because ${error.message}`)
    return null
  }
}

function hearStop() {
  let tell = () => {}
  const asked = new Promise((resolve) => {
    tell = resolve
  })
  for (const signal of stopSignals) process.on(signal, tell)
  const stopWatching = watchParent(() => tell('SIGTERM'))
  return {
    asked,
    end() {
      stopWatching()
      for (const signal of stopSignals) process.off(signal, tell)
    },
  }
}

process.exitCode = await main(process.argv.slice(2))
