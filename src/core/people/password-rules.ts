// Which passwords are accepted: long ones that nobody tries first (NIST SP 800-63B). There are no other
// rules.
import { invalid } from '../accounts/accounts.ts'
import { isText } from '../text.ts'
import { isCommon } from './frequent-passwords.ts'
import { passwordLengths } from './password.ts'

/** @param field the name of the field, for the error @throws invalid_request */
export function assertAcceptable(password: string, email: string, field = 'password'): void {
  const { min, max } = passwordLengths
  const length = [...password].length
  if (!isText(password)) throw invalid(field, 'must be well-formed text')
  if (length < min) throw invalid(field, `must have at least ${min} characters`)
  if (length > max) throw invalid(field, `must have at most ${max} characters`)
  if (isCommon(password))
    throw invalid(field, 'is one of the passwords that are tried first; choose another one')
  if (isOfAddress(password, email))
    throw invalid(field, 'must be more than your e-mail address; choose another one')
}

/** Whether hardly anything is left of a password without its user's address. */
function isOfAddress(password: string, email: string): boolean {
  const plain = password.toLowerCase()
  const [local = ''] = email.split('@', 1)
  return [email, local].some(
    (part) => part.length >= 4 && plain.includes(part) && plain.length - part.length < 6,
  )
}
