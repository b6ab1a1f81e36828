// The program `numlet`: its command line, and the roles of a server behind it.

// A reader that has seen enough (`numlet log | head`) is no failure, and what was begun is ended in order.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
})

// @NOTE loaded here and not at the top: what is missing in an installation is said in words, not by Node
const { run } = await import('./cli/program.ts').catch((error: Error) => {
  const [what] = error.message.split('\n')
  process.stderr.write(
    `A part of this installation is missing (${what}). Remove node_modules and start again.\n`,
  )
  process.exit(1)
})

process.exitCode = await run(process.argv.slice(2))
