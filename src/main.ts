// The program `numlet`: its command line, and the roles of a server behind it.
import { run } from './cli/program.ts'

// A reader that has seen enough (`numlet log | head`) is no failure, and what was begun is ended in order.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
})

process.exitCode = await run(process.argv.slice(2))
