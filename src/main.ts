// The program `numlet`: its command line and its server roles.

// A reader that closes our output (`numlet log | head`) is not a failure; what was begun ends cleanly.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
})

// @NOTE imported here and not at the top, so that we and not Node report a missing part of the installation
const { run } = await import('./cli/program.ts').catch((error: Error) => {
  const [what] = error.message.split('\n')
  process.stderr.write(
    `A part of this installation is missing (${what}). Remove node_modules and start again.\n`,
  )
  process.exit(1)
})

process.exitCode = await run(process.argv.slice(2))
