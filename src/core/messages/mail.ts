// A mail's way in: stored for good, given to its inbox's order, and only then acknowledged.
import { createHash } from 'node:crypto'
import type { Database } from '../../db/database.ts'
import { gather } from '../../db/gather.ts'
import type { Catalog, CatalogSource } from '../catalog/catalog.ts'
import { headlineOf, takes } from '../inboxes/inbox.ts'
import { type InboxInForce, inboxDirectory } from '../inboxes/inboxes.ts'
import { findByPattern } from '../inboxes/pattern.ts'
import { extractCode } from '../otp/extract.ts'
import { htmlToText } from '../otp/html.ts'
import {
  clean,
  maxHtmlLength,
  maxTextLength,
  type Receipt,
  type Routed,
  storeMessages,
} from './store.ts'

export type IncomingMail = {
  /** The same whenever a sender repeats this mail, and different for every other mail. */
  readonly ref: string
  /** The inbox's, in small letters. */
  readonly address: string
  readonly sender: string
  readonly subject: string
  readonly text: string
  /** Harmless markup: whoever hands it in has seen to that. */
  readonly html: string | null
  /** What a reader of the original markup sees. Read from `html` where it is not given. */
  readonly htmlText?: string | null
  /** False where no text could be read: the mail is shown, but ends no wait and costs nothing. */
  readonly isReadable?: boolean
}

export type ReceiveMail = (now: Date, mail: IncomingMail) => Promise<Receipt>

/** Mails come from our own server, which is no row of `suppliers`. */
const ownServer = 0
/** Fewer than texts: their markup is long. */
const mailsACall = 50
const maxMailSenderLength = 400
const maxSubjectLength = 1_000

/** Like `receiver`, for mails. */
export function mailReceiver(
  db: Database,
  catalog: CatalogSource,
  delivered: (receipt: Receipt) => void,
  directory = inboxDirectory(db),
): ReceiveMail {
  const store = gather<{ now: Date; mail: IncomingMail }, Receipt>({
    maxBatch: mailsACall,
    maxRunning: 1,
    lingerMs: 1,
    run: async (batch) => {
      const now = new Date(Math.max(...batch.map((one) => one.now.getTime())))
      const known = await catalog.current()
      const inboxes = await directory.find(batch.map((one) => one.mail.address))
      const routed = batch.map(({ mail }) => route(known, mail, inboxes.get(mail.address)))
      return storeMessages(db, now, routed)
    },
  })
  return async (now, mail) => {
    const receipt = await store({ now, mail })
    if (receipt.state === 'delivered' && !receipt.duplicate) delivered(receipt)
    return receipt
  }
}

/** A mail that its inbox does not take is kept, for no order, and shown to no customer. */
function route(catalog: Catalog, mail: IncomingMail, found: InboxInForce | undefined): Routed {
  const subject = clean(mail.subject, maxSubjectLength)
  const text = clean(mail.text, maxTextLength)
  const html = mail.html === null ? null : clean(mail.html, maxHtmlLength)
  const sender = clean(mail.sender, maxMailSenderLength)
  const inbox = found && takes(found, subject) ? found : undefined
  // What stands in place of an unreadable text is ours, and has no code in it.
  const isReadable = mail.isReadable ?? true
  const read = isReadable
    ? { subject, text, shown: shownText(mail, text), sender }
    : { subject, text: '', shown: '', sender }
  const code = inbox ? codeIn(catalog, inbox, read) : noCode
  const endsTheWait = isReadable || code.code !== null
  return {
    supplierId: ownServer,
    supplierRef: createHash('sha256')
      .update(`${mail.address}\u0000${mail.ref}`)
      .digest('base64url'),
    phone: null,
    numberId: null,
    sender,
    text,
    ...code,
    orderId: inbox?.orderId ?? null,
    serviceId: inbox?.serviceId ?? null,
    mail: {
      address: mail.address,
      subject,
      html,
      headline: headlineOf({ subject, text }),
      sessionS: endsTheWait ? (inbox?.sessionS ?? null) : null,
    },
  }
}

const noCode = { code: null, asWritten: null }

/** The text beside the markup is often a stub that says where the mail can be read. */
function shownText({ html, htmlText }: IncomingMail, text: string): string {
  if (html === null && !htmlText) return text
  return clean(htmlText ?? htmlToText(html ?? ''), maxTextLength)
}

function codeIn(
  catalog: Catalog,
  inbox: InboxInForce,
  mail: { subject: string; text: string; shown: string; sender: string },
): { readonly code: string | null; readonly asWritten: string | null } {
  const { subject, text, shown, sender } = mail
  if (inbox.pattern !== null) {
    const found = findByPattern(inbox.pattern, [...new Set([text, shown, subject])])
    return { code: found, asWritten: found }
  }
  const { rules } = catalog.service(inbox.serviceId) ?? {}
  const inText = extractCode({ text, sender, channel: 'email', subject, rules })
  if (inText.code !== null || shown === text) return inText
  return extractCode({ text: shown, sender, channel: 'email', subject, rules })
}
