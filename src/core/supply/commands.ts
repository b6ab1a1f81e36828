// Commands to suppliers: claimed, repeated until they are answered, and what the answers change.
import type { Tx } from '../../db/database.ts'
import { type Allocation, lockAllocation } from '../allocations/allocation.ts'
import { noteBan } from '../orders/ban.ts'
import { isAtSupplier } from '../orders/cancel-at-supplier.ts'
import { move } from '../orders/lifecycle.ts'
import { isClosed, type Order } from '../orders/order.ts'
import { keepCost, lastWord } from './costs.ts'
import { type Dealing, lockNumber } from './dealing.ts'
import { countRequests, type PerS, roomFor } from './pace.ts'
import { applyReading } from './readings.ts'
import { haveTurn } from './under-way.ts'
import type { CommandVerb, CommandVerdict } from './verdict.ts'

/** A command to send. */
export type ClaimedCommand = {
  readonly commandId: bigint
  readonly allocationId: bigint
  readonly orderId: bigint
  /** To be told with the answer. */
  readonly claims: number
  readonly verb: CommandVerb
  readonly ref: string
}

/** How long a command may take before it is due again. */
const leaseS = 15
const maxPauseS = 300
/** How long a command is repeated. */
const maxAgeS = 24 * 60 * 60

/** Claims the commands that are due at a supplier, the longest due first. @param atOnce how many may be under
 * way, over all nodes @param most how many may be claimed @param perS the requests a second that the supplier
 * allows */
export function claimCommands(
  { db }: Dealing,
  now: Date,
  supplierId: number,
  atOnce: number,
  most = atOnce,
  perS: PerS = null,
): Promise<ClaimedCommand[]> {
  return db.begin(async (tx) => {
    await haveTurn(tx, 'commands', supplierId)
    const [underWay] = await tx.query<{ count: number }>(
      `select count(*)::int as count from supplier_commands
        where supplier_id = $1 and state = 'open' and due_at > $2 and leased_until = due_at`,
      [supplierId, now],
    )
    const free = Math.min(most, Math.max(0, atOnce - (underWay?.count ?? 0)))
    const limit = await roomFor(tx, now, supplierId, { perS, sort: 'commands', most: free })
    const taken = await takeCommands(tx, now, supplierId, limit)
    await countRequests(tx, now, supplierId, { count: taken.length, perS, sort: 'commands' })
    return taken
  })
}

function takeCommands(
  tx: Tx,
  now: Date,
  supplierId: number,
  limit: number,
): Promise<ClaimedCommand[]> {
  return tx.query<ClaimedCommand>(
    `with due as (
       select id from supplier_commands where supplier_id = $1 and state = 'open' and due_at <= $2
        order by due_at limit $3 for no key update skip locked)
     update supplier_commands c
        set due_at = $2::timestamptz + make_interval(secs => ${leaseS}), claims = c.claims + 1,
            leased_until = $2::timestamptz + make_interval(secs => ${leaseS})
       from due, allocations a
      where c.id = due.id and a.id = c.allocation_id
     returning c.id as "commandId", a.id as "allocationId", a.order_id as "orderId", c.claims, c.verb,
       a.upstream_ref as ref`,
    [supplierId, now, limit],
  )
}

export type CommandAnswer = {
  readonly commandId: bigint
  /** The claim that it answers. */
  readonly claims: number
  readonly verdict: CommandVerdict
}

type Command = {
  readonly id: bigint
  readonly allocationId: bigint
  readonly verb: CommandVerb
  readonly state: string
  readonly askedBy: string
  readonly claims: number
  readonly madeAt: Date
}

/** What was recorded: whether the command is over, and whether the order has changed. */
export type CommandRecorded = {
  readonly orderId: bigint
  readonly isOver: boolean
  readonly isChanged: boolean
}

/** Records the answer to a command. The same answer counts once, and a late one not at all. */
export function recordCommand(
  dealing: Dealing,
  now: Date,
  answer: CommandAnswer,
): Promise<CommandRecorded> {
  return dealing.db.begin(async (tx) => {
    const [of] = await tx.query<{ allocation_id: bigint }>(
      'select allocation_id from supplier_commands where id = $1',
      [answer.commandId],
    )
    if (!of) throw new Error(`there is no command ${answer.commandId}`)
    const { order, allocation } = await lockNumber(tx, of.allocation_id)
    const command = await lockCommand(tx, answer.commandId)
    const { orderId } = allocation
    if (command.state !== 'open' || command.claims !== answer.claims)
      return { orderId, isOver: true, isChanged: false }
    const result = await apply(tx, now, dealing, {
      order,
      allocation,
      command,
      verdict: answer.verdict,
    })
    return { orderId, ...result }
  })
}

async function lockCommand(tx: Tx, id: bigint): Promise<Command> {
  const [row] = await tx.query<Command>(
    `select id, allocation_id as "allocationId", verb, state, asked_by as "askedBy", claims,
            made_at as "madeAt"
       from supplier_commands where id = $1 for no key update`,
    [id],
  )
  return row as Command
}

type Answered = {
  readonly order: Order | undefined
  readonly allocation: Allocation
  readonly command: Command
  readonly verdict: CommandVerdict
}
type Result = { readonly isOver: boolean; readonly isChanged: boolean }

async function apply(tx: Tx, now: Date, dealing: Dealing, answered: Answered): Promise<Result> {
  const { verdict } = answered
  if (verdict.kind === 'done') return done(tx, now, dealing, answered)
  if (verdict.kind === 'too_early') return tooEarly(tx, now, answered, verdict.retryAfterS)
  if (verdict.kind === 'state') return byState(tx, now, dealing, answered, verdict.reading)
  return again(tx, now, answered, verdict.retryAfterS ?? null, verdict.why)
}

/** The supplier has done it. */
async function done(
  tx: Tx,
  now: Date,
  { closers }: Dealing,
  { order, allocation, command }: Answered,
): Promise<Result> {
  await end(tx, now, command, 'done')
  if (command.verb === 'resend') {
    await tx.query('update allocations set resend_epoch = resend_epoch + 1 where id = $1', [
      allocation.id,
    ])
    return { isOver: true, isChanged: false }
  }
  if (command.verb === 'finish') {
    await keepCost(tx, now, allocation)
    await lastWord(tx, now, allocation, 'charged', true)
    return { isOver: true, isChanged: false }
  }
  await lastWord(tx, now, allocation, 'refunded', false)
  if (!isAwaited(order, allocation)) return { isOver: true, isChanged: false }
  if (order.kind === 'activation') await noteBan(tx, now, allocation)
  const moved = await move(tx, now, [order.id], cancelOf(order), closers)
  return { isOver: true, isChanged: moved.length > 0 }
}

/** Whether the number is that of an order whose customer may be waiting for the answer. */
const isAwaited = (order: Order | undefined, { id }: Allocation): order is Order =>
  order !== undefined && order.allocationId === id && isAtSupplier(order)

/** Whether a customer wants an order cancelled that is open, with or without its code: it is not tried again
 * once the supplier has refused. */
const isCancelOf = (
  order: Order | undefined,
  { id }: Allocation,
  { verb, askedBy }: Command,
): order is Order =>
  (verb === 'cancel' || verb === 'ban') &&
  askedBy === 'customer' &&
  order?.allocationId === id &&
  !isClosed(order.state)

/** How an order is cancelled. A message that a rental has had meanwhile is the customer's, and is paid
 * for. */
function cancelOf({ kind, messageCount }: Order): 'cancel' | 'giveBack' | 'end' {
  if (kind !== 'rental') return 'cancel'
  return messageCount > 0 ? 'end' : 'giveBack'
}

/** A customer is told when to come again; what nobody waits for is repeated then. */
async function tooEarly(
  tx: Tx,
  now: Date,
  answered: Answered,
  retryAfterS: number | undefined,
): Promise<Result> {
  const { order, allocation, command } = answered
  if (!isCancelOf(order, allocation, command))
    return again(tx, now, answered, retryAfterS ?? null, 'too early')
  const after = new Date(now.getTime() + (retryAfterS ?? leaseS) * 1000)
  await end(tx, now, command, 'refused', 'too early')
  await tx.query('update allocations set cancel_after = $2 where id = $1', [allocation.id, after])
  await tx.query('update orders set cancel_after = $2, cancel_requested_at = null where id = $1', [
    order.id,
    after,
  ])
  return { isOver: true, isChanged: true }
}

/** The state of the number decides, whatever the supplier said to the command. */
async function byState(
  tx: Tx,
  now: Date,
  dealing: Dealing,
  answered: Answered,
  reading: Extract<CommandVerdict, { kind: 'state' }>['reading'],
): Promise<Result> {
  const { order, allocation, command } = answered
  const isChanged = await applyReading(tx, now, dealing, { order, allocation, reading })
  const isSaid = reading.state === 'refunded' || reading.state === 'charged'
  if (isSaid || (await lockAllocation(tx, allocation.id)).lastWord !== null) {
    await end(tx, now, command, 'done', reading.state)
    return { isOver: true, isChanged }
  }
  if (command.verb === 'finish' && order?.kind === 'rental' && reading.state !== 'silent') {
    // It may run on there until its time is over: nothing of it is of use any more.
    await lastWord(tx, now, await lockAllocation(tx, allocation.id), 'charged', true)
    await end(tx, now, command, 'done', reading.state)
    return { isOver: true, isChanged }
  }
  const isCancel = isCancelOf(order, allocation, command)
  if (reading.state === 'silent' || !(isCancel || command.verb === 'resend'))
    return { ...(await again(tx, now, answered, null, reading.state)), isChanged }
  await end(tx, now, command, 'refused', reading.state)
  if (isCancel)
    await tx.query('update orders set cancel_requested_at = null where id = $1', [order.id])
  return { isOver: true, isChanged }
}

/** Repeats a command later. After a day it is given up: what it was about is a person's to settle, unless a
 * code was seen, which is paid for. */
async function again(
  tx: Tx,
  now: Date,
  { order, allocation, command }: Answered,
  afterS: number | null,
  why: string,
): Promise<Result> {
  if (now.getTime() - command.madeAt.getTime() > maxAgeS * 1000) {
    await end(tx, now, command, 'refused', 'not answered for a day')
    if (allocation.costState === 'posted') await lastWord(tx, now, allocation, 'charged', true)
    // A rental was cancelled in time, whatever its supplier has to say.
    const isGivenBack = command.verb === 'cancel' && isAwaited(order, allocation)
    const moved = isGivenBack ? await move(tx, now, [order.id], cancelOf(order)) : []
    return { isOver: true, isChanged: moved.length > 0 }
  }
  const pauseS = afterS ?? Math.min(maxPauseS, 2 ** Math.min(command.claims, 9))
  await tx.query(
    'update supplier_commands set due_at = $2, answer = $3, leased_until = null where id = $1',
    [command.id, new Date(now.getTime() + Math.min(pauseS, maxAgeS) * 1000), why.slice(0, 300)],
  )
  return { isOver: false, isChanged: false }
}

async function end(
  tx: Tx,
  now: Date,
  { id }: Command,
  state: 'done' | 'refused',
  answer: string | null = null,
): Promise<void> {
  await tx.query(
    `update supplier_commands set state = $2, ended_at = $3, answer = coalesce($4, answer) where id = $1`,
    [id, state, now, answer],
  )
}
