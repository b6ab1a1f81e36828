// Receiving emails: each is stored and given to its inbox's order before it is acknowledged.
import { createHash } from 'node:crypto'
import type { Database } from '../../db/database.ts'
import { gather } from '../../db/gather.ts'
import type { Catalog, CatalogSource } from '../catalog/catalog.ts'
import { acceptsSubject, headlineOf } from '../inboxes/inbox.ts'
import type { InboxDirectory, InboxInForce } from '../inboxes/inboxes.ts'
import {
  type CodeSearch,
  cleanMail,
  type FindCodes,
  type FoundInMail,
  type MailTexts,
  noCode,
  nothingFound,
} from './mail-codes.ts'
import { type Receipt, type Routed, storeMessages } from './store.ts'

export type IncomingMail = MailTexts & {
  /** The same for every retry of this email, and different for every other email. */
  readonly ref: string
  /** The inbox's address, in lower case. */
  readonly address: string
  /** Sanitised markup; the caller is responsible for that. */
  readonly html: string | null
  /** False if no text could be read: the email is shown, but does not end the wait and costs nothing. */
  readonly isReadable?: boolean
  /** The code and the links, if it was already searched. */
  readonly found?: FoundInMail
}

export type ReceiveMail = (now: Date, mail: IncomingMail) => Promise<Receipt>

/** How codes are found for the inboxes with these addresses. Addresses without an inbox are omitted. */
export type CodeSearches = (addresses: readonly string[]) => Promise<(CodeSearch | undefined)[]>

/** Emails come from Numlet's own server, which has no row in `suppliers`. */
const ownServer = 0
/** Smaller than for texts: markup is long. */
const mailsACall = 50
/** The driver writes a call as one text: a few megabytes of markup take some milliseconds. */
const charactersACall = 2_000_000
export function codeSearches(directory: InboxDirectory, catalog: CatalogSource): CodeSearches {
  return async (addresses) => {
    const inboxes = await directory.find(addresses)
    const known = await catalog.current()
    return addresses.map((address) => {
      const inbox = inboxes.get(address)
      return inbox && searchIn(known, inbox)
    })
  }
}

const noRules: CodeSearch['rules'] = []

const searchIn = (
  catalog: Catalog,
  { accountId, pattern, serviceId }: InboxInForce,
): CodeSearch => ({
  accountId,
  pattern,
  rules: catalog.service(serviceId)?.rules ?? noRules,
})

export type MailReceiverParts = {
  readonly db: Database
  readonly catalog: CatalogSource
  readonly directory: InboxDirectory
  /** Called for each email that reached an order, after the commit. */
  readonly delivered: (receipt: Receipt) => void
  /** Searches the emails that were not searched before. */
  readonly findCodes: FindCodes
}

/** Like `receiver`, for emails. */
export function mailReceiver(parts: MailReceiverParts): ReceiveMail {
  const { db, directory, delivered } = parts
  const searches = codeSearches(directory, parts.catalog)
  const store = gather<{ now: Date; mail: IncomingMail; found: FoundInMail }, Receipt>({
    name: 'mails',
    maxBatch: mailsACall,
    weight: {
      of: ({ mail }) => mail.text.length + (mail.html?.length ?? 0),
      max: charactersACall,
    },
    maxRunning: 1,
    lingerMs: 1,
    run: async (batch) => {
      const now = new Date(Math.max(...batch.map((one) => one.now.getTime())))
      const inboxes = await directory.find(batch.map((one) => one.mail.address))
      const routed = batch.map(({ mail, found }) => route(mail, inboxes.get(mail.address), found))
      return storeMessages(db, now, routed)
    },
  })
  const search = async (mail: IncomingMail): Promise<FoundInMail> => {
    const [search] = await searches([mail.address])
    const [found] = search ? await parts.findCodes(mail, [search]) : []
    return found ?? nothingFound
  }
  return async (now, mail) => {
    const receipt = await store({ now, mail, found: mail.found ?? (await search(mail)) })
    if (receipt.state === 'delivered' && !receipt.duplicate) delivered(receipt)
    return receipt
  }
}

/** An email that its inbox does not accept is stored without an order and not shown to customers. */
function route(
  incoming: IncomingMail,
  known: InboxInForce | undefined,
  found: FoundInMail,
): Routed {
  const { ref, address, subject, text, html, sender } = cleanMail(incoming)
  const inbox = known && acceptsSubject(known, subject) ? known : undefined
  const code = inbox ? found : noCode
  const endsTheWait = (incoming.isReadable ?? true) || code.code !== null
  return {
    supplierId: ownServer,
    supplierRef: createHash('sha256').update(`${address}\u0000${ref}`).digest('base64url'),
    phone: null,
    numberId: null,
    sender,
    text,
    code: code.code,
    asWritten: code.asWritten,
    links: found.links,
    orderId: inbox?.orderId ?? null,
    serviceId: inbox?.serviceId ?? null,
    isSure: false,
    fingerprint: null,
    mail: {
      address,
      subject,
      html,
      headline: headlineOf({ subject, text }),
      sessionS: endsTheWait ? (inbox?.sessionS ?? null) : null,
    },
  }
}
