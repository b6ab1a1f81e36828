// The operator's name in the operator log.
import { userInfo } from 'node:os'
import type { Config } from '../config.ts'

/** NUMLET_OPERATOR, otherwise the user who called sudo, the login name, or the user's number. */
export function operatorName(config: Config): string {
  return config.operator ?? loginName()
}

function loginName(): string {
  try {
    return userInfo().username
  } catch {
    // A container may run as a user without a name.
    return `uid ${process.getuid?.() ?? 'unknown'}`
  }
}
