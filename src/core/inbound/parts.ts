// Messages that vendors hand over in parts: kept until all parts are there, or until the others have not come
// for five minutes.
import { hash } from 'node:crypto'
import type { Database, Tx } from '../../db/database.ts'
import type { Receive } from '../messages/receive.ts'

/** A part of a message, in the form in which it is stored. */
export type Part = {
  readonly supplierId: number
  readonly phone: string
  readonly sender: string
  readonly reference: string
  readonly total: number
  readonly number: number
  /** The supplier's id of the part; null if it has none. */
  readonly ref: string | null
  /** May begin or end with half of a character, whose other half is in the part beside it. */
  readonly text: string
  /** When the supplier sent it for the first time, if this is known to be again; otherwise it is now. */
  readonly firstAt?: Date
}

/** Stands in the text for parts that have not come. */
export const missingMark = '[...]'

/** How long a message waits for its parts. */
export const patienceS = 300
/** For so long handing a message out is left to the process that received its last part. */
const ownS = 60
/** A part without an id is the same as one with the same text for so long. */
const repeatS = 600
const splitsAClaim = 100
const rowsASweep = 1_000

/**
 * Stores a part, once.
 * @returns the message to hand out if no part of it is missing, otherwise null
 */
export function addPart(db: Database, now: Date, part: Part): Promise<bigint | null> {
  const ref = part.ref ?? hash('sha256', part.text)
  const stored = withoutHalves(part.text)
  return db.begin(async (tx) => {
    await lock(tx, part)
    const known = await knownPart(tx, part.firstAt ?? now, part, ref)
    if (known) return known.state === 'closed' ? known.id : null
    const id = (await openSplit(tx, now, part, stored)) ?? (await beginSplit(tx, now, part))
    await tx.query(
      `insert into message_parts (split_id, number, ref, has_id, text, head, tail, received_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing`,
      [id, part.number, ref, part.ref !== null, stored.text, stored.head, stored.tail, now],
    )
    const rows = await tx.query<{ id: bigint }>(
      `update split_messages
          set state = 'closed', due_at = $2::timestamptz + make_interval(secs => ${ownS})
        where id = $1 and total = (select count(*) from message_parts where split_id = $1)
       returning id`,
      [id, now],
    )
    return rows[0]?.id ?? null
  })
}

type StoredText = {
  readonly text: string
  /** Half of a character before the text, as a UTF-16 code unit. */
  readonly head: number | null
  readonly tail: number | null
}

/** Texts of the database are whole: half of a character, which the next part goes on with, is kept beside
 * it. */
function withoutHalves(text: string): StoredText {
  const head = /^[\udc00-\udfff]/.test(text) ? text.charCodeAt(0) : null
  const rest = head === null ? text : text.slice(1)
  const tail = /[\ud800-\udbff]$/.test(rest) ? rest.charCodeAt(rest.length - 1) : null
  return { head, tail, text: (tail === null ? rest : rest.slice(0, -1)).toWellFormed() }
}

/** Parts of one message wait for each other, on all nodes. */
async function lock(tx: Tx, { supplierId, phone, sender, reference, total }: Part) {
  const key = JSON.stringify(['parts', supplierId, phone, sender, reference, total])
  await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [key])
}

const isOfSame = 's.supplier_id = $1 and s.phone = $2 and s.sender = $3 and s.reference = $4'
const keyOf = (part: Part) => [
  part.supplierId,
  part.phone,
  part.sender,
  part.reference,
  part.total,
  part.number,
]

/** The message that has this very part, also one that was handed out. */
async function knownPart(tx: Tx, now: Date, part: Part, ref: string) {
  const [row] = await tx.query<{ id: bigint; state: 'open' | 'closed' | 'handed' }>(
    `select s.id, s.state from split_messages s join message_parts p on p.split_id = s.id
      where ${isOfSame} and s.total = $5 and p.number = $6 and p.ref = $7
        and (p.has_id or p.received_at > $8::timestamptz - make_interval(secs => ${repeatS}))
      order by s.id desc limit 1`,
    [...keyOf(part), ref, now],
  )
  return row
}

/**
 * The open message that a part belongs to, or null.
 * @NOTE references are used again after some hundred messages: if another part has the same number, a new
 * message has begun. The one before it gets no more parts, and is handed out as it is.
 */
async function openSplit(
  tx: Tx,
  now: Date,
  part: Part,
  stored: StoredText,
): Promise<bigint | null> {
  const [row] = await tx.query<{ id: bigint; text: string | null }>(
    `select s.id, p.text from split_messages s
       left join message_parts p on p.split_id = s.id and p.number = $6
      where ${isOfSame} and s.total = $5 and s.state = 'open' for no key update of s`,
    keyOf(part),
  )
  if (!row) return null
  // The same part under another id: it was sent again.
  if (row.text === null || row.text === stored.text) return row.id
  await tx.query(`update split_messages set state = 'closed', due_at = $2 where id = $1`, [
    row.id,
    now,
  ])
  return null
}

async function beginSplit(tx: Tx, now: Date, part: Part): Promise<bigint> {
  const [row] = await tx.query<{ id: bigint }>(
    `insert into split_messages (supplier_id, phone, sender, reference, total, begun_at, due_at)
     values ($1, $2, $3, $4, $5, $6, $6::timestamptz + make_interval(secs => ${patienceS})) returning id`,
    [part.supplierId, part.phone, part.sender, part.reference, part.total, now],
  )
  return (row as { id: bigint }).id
}

type KeptPart = StoredText & { number: number; ref: string; has_id: boolean }
type Split = { supplierId: number; phone: string; sender: string; total: number }

/** Hands a closed message out as one. Safe to repeat, because its reference is always the same. */
export async function handOut(
  db: Database,
  now: Date,
  receive: Receive,
  id: bigint,
): Promise<void> {
  const rows = await db.query<Split & KeptPart>(
    `select s.supplier_id as "supplierId", s.phone, s.sender, s.total, p.number, p.ref, p.has_id,
            p.text, p.head, p.tail
       from split_messages s join message_parts p on p.split_id = s.id
      where s.id = $1 and s.state = 'closed' order by p.number`,
    [id],
  )
  const [first] = rows
  if (!first) return
  await receive(now, {
    supplierId: first.supplierId,
    supplierRef: first.has_id ? first.ref : `parts ${id}`,
    channel: 'sms',
    phone: first.phone,
    sender: first.sender,
    text: joined(rows, first.total),
    hint: { orderId: null, serviceId: null },
  })
  await db.begin(async (tx) => {
    await tx.query(`update split_messages set state = 'handed' where id = $1`, [id])
    await tx.query(
      'update message_parts set text = null, head = null, tail = null where split_id = $1',
      [id],
    )
  })
}

/** The text of all parts; one mark for each gap. */
function joined(parts: readonly KeptPart[], total: number): string {
  const texts = new Map(parts.map((part) => [part.number, withHalves(part)]))
  let text = ''
  for (let number = 1; number <= total; number++) {
    const part = texts.get(number)
    if (part !== undefined) text += part
    else if (number === 1 || texts.has(number - 1)) text += missingMark
  }
  return text
}

const withHalves = ({ head, text, tail }: StoredText) => [half(head), text, half(tail)].join('')

const half = (unit: number | null) => (unit === null ? '' : String.fromCharCode(unit))

/** Claims messages that are whole, or have waited long enough, and that nobody hands out. */
export async function claimSplits(db: Database, now: Date): Promise<bigint[]> {
  const rows = await db.once<{ id: bigint }>(
    `update split_messages
        set state = 'closed', due_at = $1::timestamptz + make_interval(secs => ${ownS})
      where id in (select id from split_messages where state <> 'handed' and due_at <= $1
                    order by due_at limit ${splitsAClaim} for no key update skip locked)
     returning id`,
    [now],
  )
  return rows.map(({ id }) => id)
}

/** Forgets the parts of messages that were handed out and began before a time. @returns the number of
 * messages; a full batch (1,000) means that there may be more */
export async function forgetSplits(db: Database, before: Date): Promise<number> {
  const rows = await db.once(
    `delete from split_messages where id in (
       select id from split_messages where state = 'handed' and begun_at < $1
        limit ${rowsASweep} for update skip locked) returning id`,
    [before],
  )
  return rows.length
}
