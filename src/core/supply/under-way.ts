// Has claims at a supplier take turns, so that what is under way is counted right, over all nodes.
import type { Tx } from '../../db/database.ts'

/** Any numbers that no other lock of two parts has. */
const locks = { commands: 2_301_001, lookUps: 2_301_002 } as const

/** Waits until nobody else claims of the same at the supplier; until the transaction ends, nobody does. */
export async function haveTurn(
  tx: Tx,
  what: keyof typeof locks,
  supplierId: number,
): Promise<void> {
  await tx.query('select pg_advisory_xact_lock($1, $2)', [locks[what], supplierId])
}
