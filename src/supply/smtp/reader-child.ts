// The process in which mails are taken apart, made harmless and searched. What takes too long, or all memory,
// ends here (isolation/pool.ts).
import { patternFault } from '../../core/inboxes/pattern.ts'
import { findCodes } from '../../core/messages/mail-codes.ts'
import { serve } from '../../isolation/serve.ts'
import { assertBearable } from './limits.ts'
import { BadMail, parseMail } from './parse.ts'
import type { ReadAnswer, ReaderRequest, SentMail } from './reader.ts'

/** CPU time of this process: what others do on the machine does not count. */
const cpuMs = () => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

serve(async (asked, raw, tell): Promise<ReadAnswer> => {
  const request = asked as ReaderRequest
  if (request.kind === 'compile') return { kind: 'compiled', fault: patternFault(request.pattern) }
  if (request.kind === 'find')
    return { kind: 'found', ...findCodes(request.mail, request.wishes, cpuMs) }
  try {
    assertBearable(raw)
    const parsed = await parseMail(raw)
    const mail: SentMail = { ...parsed, sender: parsed.from || request.sender }
    // @NOTE said before the search: a mail is not lost by what its inboxes' patterns cost
    tell(mail)
    return { kind: 'found', ...findCodes(mail, request.wishes, cpuMs) }
  } catch (error) {
    // A RangeError is a stack or a string that grew beyond what there is: the mail's doing, too.
    if (error instanceof BadMail || error instanceof RangeError)
      return { kind: 'bad', reason: error.message }
    throw error
  }
})
