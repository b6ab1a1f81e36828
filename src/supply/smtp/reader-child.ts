// The process that parses, sanitises and searches emails. If that takes too much time or memory, only this
// process ends (isolation/pool.ts).

import { patternFault } from '../../core/inboxes/pattern.ts'
import { findCodes } from '../../core/messages/mail-codes.ts'
import { serve } from '../../isolation/serve.ts'
import { assertBearable } from './limits.ts'
import { BadMail, parseMail } from './parse.ts'
import type { ReadAnswer, ReaderRequest, SentMail } from './reader.ts'

/** CPU time of this process: other load on the machine does not count. */
const cpuMs = () => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/** Reads and searches a mail. Otherwise the first one that comes waits until code is compiled, and words and
 * names are read. */
async function warmUp() {
  const mail = await parseMail(new TextEncoder().encode(sample))
  findCodes({ ...mail, sender: mail.from }, [{ accountId: 0, pattern: null, rules: [] }], cpuMs)
}

const sample =
  'From: a@example.com\r\nSubject: Your code\r\nContent-Type: text/html; charset=iso-8859-1\r\n\r\n' +
  '<style>p{color:red}</style><p style="display:block">Your code is <b>123456</b>.</p>'

await warmUp()
serve(async (asked, raw, tell): Promise<ReadAnswer> => {
  const request = asked as ReaderRequest
  if (request.kind === 'compile') return { kind: 'compiled', fault: patternFault(request.pattern) }
  if (request.kind === 'find')
    return { kind: 'found', ...findCodes(request.mail, request.searches, cpuMs) }
  try {
    assertBearable(raw)
    const parsed = await parseMail(raw)
    const mail: SentMail = { ...parsed, sender: parsed.from || request.sender }
    // @NOTE sent before the search, so that the email is not lost if its inboxes' patterns take too much
    tell(mail)
    return { kind: 'found', ...findCodes(mail, request.searches, cpuMs) }
  } catch (error) {
    // A RangeError is a stack or a string that grew too large: also caused by the email.
    if (error instanceof BadMail || error instanceof RangeError)
      return { kind: 'bad', reason: error.message }
    throw error
  }
})
