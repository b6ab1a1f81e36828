// `numlet messages`: those that reached nobody. A text is read only with a reason, which is logged.
import type { Command } from 'commander'
import { InvalidArgumentError } from 'commander'
import { listAstray, readWithReason } from '../core/messages/read.ts'
import { actor } from './actor.ts'
import * as read from './arguments.ts'
import { Refusal } from './failure.ts'
import { printList, printThing, type Shown, verb } from './output.ts'
import { withSession } from './session.ts'

export function addMessages(noun: Command): void {
  verb(noun, 'astray', 'messages that were late or for no order, newest first, without their texts')
    .option('--limit <n>', 'how many', read.limit, 50)
    .action(astray)
  verb(noun, 'read', 'the text of a message; the reason is kept in the audit log for ever')
    .argument('<id>', 'which message', messageId)
    .requiredOption('--reason <text>', 'why you read it', reason)
    .action(readText)
}

function astray(wanted: Shown & { limit: number }) {
  return withSession(async ({ db, ids }) => {
    const messages = await listAstray(db, wanted.limit)
    printList(
      wanted,
      messages.map((message) => ({
        message_id: message.id,
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

function readText(id: bigint, wanted: Shown & { reason: string }) {
  return withSession(async ({ db }) => {
    const message = await readWithReason(db, new Date(), actor, id, wanted.reason)
    if (!message) throw new Refusal(`There is no message ${id}.`)
    printThing(wanted, { message_id: id, text: message.text })
  })
}

function messageId(text: string): bigint {
  if (!/^[1-9]\d{0,17}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.')
  return BigInt(text)
}

function reason(text: string): string {
  const trimmed = text.trim()
  if (trimmed === '' || trimmed.length > 500)
    throw new InvalidArgumentError('It must have 1 to 500 characters.')
  return trimmed
}
