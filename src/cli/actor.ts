// Who types commands, as the operator log names them.
import { userInfo } from 'node:os'
import type { Config } from '../config.ts'

/** NUMLET_OPERATOR, else who called sudo, else the login name, else the user's number. */
export function operatorName(config: Config): string {
  return config.operator ?? loginName()
}

function loginName(): string {
  try {
    return userInfo().username
  } catch {
    // A container may run as a user that its system has no name for.
    return `uid ${process.getuid?.() ?? 'unknown'}`
  }
}
