// Ids in cells: blocks of ids, each of which is in one partition. A statement whose ids are in the newest
// cell says so with literals, and PostgreSQL plans it for that partition alone. Each further partition that
// a statement might read costs more than the look-up itself (docs/decisions/0017-months-by-ids.md).

/** All partitions begin and end at multiples of it. */
export const cellSize = 1_048_576n

let newest = -1n

/** Notes an order that exists. */
export function noteOrder(id: bigint): void {
  if (id / cellSize > newest) newest = id / cellSize
}

/**
 * A condition that is true for all these ids, to be added to one that selects them; empty unless all of them
 * are in the newest cell. It is right whatever partitions there are.
 * @NOTE literals, not parameters: a prepared statement is planned for all partitions
 * @NOTE only the newest: each text is another prepared statement
 */
export function inNewestCell(column: string, ids: readonly bigint[]): string {
  if (newest < 0n || ids.length === 0 || ids.some((id) => id / cellSize !== newest)) return ''
  return `and ${column} >= ${newest * cellSize} and ${column} < ${(newest + 1n) * cellSize}`
}
