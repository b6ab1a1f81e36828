// Programs of the system that some tests use. If one is missing, its tests are skipped and say so.
import { spawnSync } from 'node:child_process'

/** Whether a command runs. If not, prints which tests are skipped, and the Debian package of the command. */
export function canRunCommand(command: string, debianPackage: string, tests: string): boolean {
  const [program = '', ...args] = command.split(' ')
  if (spawnSync(program, args).status === 0) return true
  process.stderr.write(
    `No ${program}: ${tests} are skipped (Debian: apt-get install ${debianPackage}).\n`,
  )
  return false
}
