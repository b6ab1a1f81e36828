// `numlet suppliers unreadable`, `read` and `reread`: requests of vendors that were set aside.
import { isUtf8 } from 'node:buffer'
import type { Command } from 'commander'
import { listAside } from '../core/inbound/requests.ts'
import { getSupplier } from '../core/inventory/suppliers.ts'
import { readRequest, rereadRequests } from '../core/operating/suppliers.ts'
import * as read from './arguments.ts'
import {
  act,
  printList,
  printThing,
  type Reasoned,
  reasonedAct,
  type Shown,
  verb,
} from './output.ts'
import { withSession } from './session.ts'
import { whichSupplier } from './supplier-arguments.ts'

export function addSetAside(noun: Command): void {
  verb(noun, 'unreadable', 'List requests of a supplier that could not be read')
    .argument('<name>', whichSupplier)
    .option('--limit <count>', 'Number of requests to list, newest first', read.limit, 50)
    .action(unreadable)
  reasonedAct(noun, 'read', 'Show the content of a request that could not be read')
    .argument('<name>', whichSupplier)
    .argument('<request>', 'The request: its number in the list', requestNumber)
    .action(content)
  act(noun, 'reread', 'Have all requests that could not be read read again')
    .argument('<name>', whichSupplier)
    .action(reread)
}

function requestNumber(text: string): bigint {
  if (!/^[1-9]\d{0,17}$/.test(text)) throw read.unfit('It must be the number of a request.')
  return BigInt(text)
}

function unreadable(name: string, wanted: Shown & { limit: number }) {
  return withSession(async ({ db }) => {
    const { id } = await getSupplier(db, name)
    const requests = await listAside(db, id, wanted.limit)
    printList(
      wanted,
      requests.map((request) => ({
        request: request.id,
        state: request.state,
        reason: request.reason,
        method: request.method,
        bytes: request.bytes,
        received_at: request.receivedAt,
      })),
    )
  })
}

function content(name: string, id: bigint, wanted: Reasoned) {
  return withSession(async ({ db, by }) => {
    const request = await readRequest(db, by(wanted.reason), name, id)
    const isText = isUtf8(request.body)
    printThing(wanted, {
      request: id,
      received_at: request.receivedAt,
      method: request.method,
      query: request.query,
      ...(isText
        ? { body: request.body.toString() }
        : { body_base64: request.body.toString('base64') }),
    })
  })
}

function reread(name: string, wanted: Reasoned) {
  return withSession(async ({ db, now, by }) => {
    const requests = await rereadRequests(db, now(), by(wanted.reason), name)
    printThing(wanted, { name, requests })
  })
}
