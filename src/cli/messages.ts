// `numlet messages`: messages that belong to no order, and texts, which are shown only for a reason.
import type { Command } from 'commander'
import { archivedMonths } from '../core/archive/archived.ts'
import { listUndelivered } from '../core/messages/undelivered.ts'
import { assignMessage } from '../core/operating/assign-message.ts'
import * as operating from '../core/operating/messages.ts'
import * as read from './arguments.ts'
import { accountOf, bigRowOf, naming } from './ids.ts'
import { addCorrecting } from './messages-correct.ts'
import { printList, printThing, type Reasoned, reasonedAct, type Shown, verb } from './output.ts'
import { type Session, withSession } from './session.ts'

const messageId = read.idOf('msg')
const whichMessage = 'The message: its id or number'

export function addMessages(noun: Command): void {
  verb(noun, 'astray', 'List messages that belong to no order, without their texts')
    .option('--limit <count>', 'Number of messages to list, newest first', read.limit, 50)
    .action(astray)
  reasonedAct(noun, 'read', 'Show the text of a message')
    .argument('<message>', whichMessage, messageId)
    .action(readText)
  reasonedAct(noun, 'assign', 'Assign a message to the order that it was for')
    .argument('<message>', whichMessage, messageId)
    .requiredOption('--order <order>', 'The order: its id or number', read.idOf('ord'))
    .action(assign)
  addCorrecting(noun)
  reasonedAct(noun, 'purge', 'Purge texts and codes now; those of open orders stay')
    .option('--message <message>', 'Of this message (id or number)', messageId)
    .option('--order <order>', 'Of this order (id or number)', read.idOf('ord'))
    .option('--account <account>', 'Of this account (id, number or e-mail)', read.account)
    .action(purge)
}

function astray(wanted: Shown & { limit: number }) {
  return withSession(async ({ db, ids }) => {
    const messages = await listUndelivered(db, wanted.limit)
    printList(
      wanted,
      messages.map((message) => ({
        message_id: ids.toToken('msg', message.id),
        state: message.state,
        phone: message.phone,
        address: message.address,
        sender: message.sender,
        order_id: message.orderId === null ? null : ids.toToken('ord', message.orderId),
        received_at: message.receivedAt,
      })),
    )
  })
}

function readText(text: string, wanted: Reasoned) {
  return withSession(async ({ db, ids, by }) => {
    const id = bigRowOf(ids, 'msg', text)
    const reading = operating.readMessage(db, by(wanted.reason), id)
    const message = await naming('msg', text, reading)
    printThing(wanted, {
      message_id: ids.toToken('msg', id),
      ...(message.subject === null ? {} : { subject: message.subject }),
      text: message.text,
    })
  })
}

function assign(text: string, wanted: Reasoned & { order: string }) {
  return withSession(async ({ db, ids, by, now }) => {
    const messageId = bigRowOf(ids, 'msg', text)
    const orderId = bigRowOf(ids, 'ord', wanted.order)
    const assignment = { messageId, orderId }
    const giving = assignMessage(db, now(), by(wanted.reason), assignment)
    const given = await naming('ord', wanted.order, naming('msg', text, giving))
    printThing(wanted, {
      message_id: ids.toToken('msg', messageId),
      order_id: ids.toToken('ord', orderId),
      state: given.order.state,
      changed: given.changed,
      has_code: given.hasCode,
    })
  })
}

type Purge = Reasoned & { message?: string; order?: string; account?: string }

function purge(wanted: Purge, command: Command) {
  const named = [wanted.message, wanted.order, wanted.account].filter((one) => one !== undefined)
  if (named.length !== 1)
    command.error('error: name one of --message, --order and --account', { exitCode: 2 })
  return withSession(async (session) => {
    const { db, by, now } = session
    const target = await targetOf(session, wanted)
    const purging = operating.purgeMessages(db, now(), by(wanted.reason), target)
    const named = wanted.message ?? wanted.order ?? ''
    printThing(wanted, await naming(wanted.message ? 'msg' : 'ord', named, purging))
    const months = (await archivedMonths(db)).filter(({ texts }) => texts > 0n)
    if ('accountId' in target && months.length > 0)
      process.stderr.write(
        `Texts in archives were not purged: ${months.map(({ month }) => month).join(', ')}. ` +
          'Restore these months, purge again, and archive them again.\n',
      )
  })
}

async function targetOf(session: Session, wanted: Purge): Promise<operating.PurgeTarget> {
  const { ids } = session
  if (wanted.message !== undefined) return { messageId: bigRowOf(ids, 'msg', wanted.message) }
  if (wanted.order !== undefined) return { orderId: bigRowOf(ids, 'ord', wanted.order) }
  return { accountId: await accountOf(session, wanted.account ?? '') }
}
