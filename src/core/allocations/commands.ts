// Commands: what a supplier is to be told about a number, repeated until it has answered.
import type { Tx } from '../../db/database.ts'

export type NewCommand = {
  readonly allocationId: bigint
  readonly verb: 'cancel' | 'finish' | 'resend' | 'ban'
  readonly askedBy: 'customer' | 'order' | 'supply' | 'operator'
}

/**
 * Writes a command. One is open at a time: a command that ends the number takes the place of an open
 * `resend`, and otherwise the open one stands. A cancel that no customer waits for is sent when the supplier
 * allows it.
 */
export async function openCommand(tx: Tx, now: Date, command: NewCommand): Promise<void> {
  const { allocationId, verb, askedBy } = command
  if (verb !== 'resend')
    await tx.query(
      `update supplier_commands set state = 'superseded', ended_at = $2
        where allocation_id = $1 and state = 'open' and verb = 'resend'`,
      [allocationId, now],
    )
  await tx.query(
    `insert into supplier_commands (allocation_id, supplier_id, verb, asked_by, made_at, due_at)
     select id, supplier_id, $2, $3, $4,
            case when $2 = 'cancel' and $3 <> 'customer' then greatest($4, cancel_after) else $4 end
       from allocations where id = $1
     on conflict (allocation_id) where state = 'open' do nothing`,
    [allocationId, verb, askedBy, now],
  )
}
