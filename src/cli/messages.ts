// `numlet messages`: those that reached nobody. A text is read only with a reason, which is logged.
import type { Command } from 'commander'
import { listAstray, readWithReason } from '../core/messages/read.ts'
import * as read from './arguments.ts'
import { Refusal } from './failure.ts'
import { bigRowOf } from './ids.ts'
import { printList, printThing, reasonedAct, type Shown, verb } from './output.ts'
import { withSession } from './session.ts'

export function addMessages(noun: Command): void {
  verb(
    noun,
    'astray',
    'List messages that were late, repeated or reached no order, without their texts',
  )
    .option('--limit <count>', 'Number of messages to list, newest first', read.limit, 50)
    .action(astray)
  reasonedAct(noun, 'read', 'Show the text of a message')
    .argument('<message>', 'The message: its id or number', read.idOf('msg'))
    .action(readText)
}

function astray(wanted: Shown & { limit: number }) {
  return withSession(async ({ db, ids }) => {
    const messages = await listAstray(db, wanted.limit)
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

function readText(text: string, wanted: Shown & { reason: string }) {
  return withSession(async ({ db, ids, by }) => {
    const id = bigRowOf(ids, 'msg', text)
    const { actor } = by()
    const message = await readWithReason(db, new Date(), actor, id, wanted.reason)
    if (!message) throw new Refusal(`There is no message ${text}.`)
    printThing(wanted, { message_id: ids.toToken('msg', id), text: message.text })
  })
}
