// By what the sources of an offer are ranked: policies that operators have set, and the weights of suppliers.
// The ranking itself is in SQL, beside the purchase (db/functions/take-upstream.sql).
import type { Queryable, Tx } from '../../db/database.ts'

/** `cheapest`: the lowest cost first. `best`: the likeliest code first. `balanced`: what leaves most of the
 * price, on average. `weighted`: at random, by the weights of suppliers. */
export const routingPolicies = ['cheapest', 'best', 'balanced', 'weighted'] as const
export type RoutingPolicy = (typeof routingPolicies)[number]

/** What a policy is for; null: all of them. */
export type PolicyPlace = { readonly serviceId: number | null; readonly country: string | null }

export type PolicyRow = PolicyPlace & { readonly policy: RoutingPolicy }

const maxPolicies = 100_000

/** Lists policies, the most general first. */
export function listPolicies(db: Queryable): Promise<PolicyRow[]> {
  return db.query<PolicyRow>(
    `select service_id as "serviceId", country, policy from routing_policies
      order by service_id nulls first, country nulls first limit ${maxPolicies}`,
  )
}

/** Sets the policy of a place. Safe to repeat. @returns the policy that it had */
export async function putPolicy(
  tx: Tx,
  place: PolicyPlace,
  policy: RoutingPolicy,
): Promise<RoutingPolicy | undefined> {
  const before = await lockPolicy(tx, place)
  await tx.query(
    `insert into routing_policies (service_id, country, policy) values ($1, $2, $3)
     on conflict on constraint one_policy_for_each_place do update set policy = excluded.policy`,
    [place.serviceId, place.country, policy],
  )
  return before
}

/** Deletes the policy of a place. @returns the policy that it had */
export async function dropPolicy(tx: Tx, place: PolicyPlace): Promise<RoutingPolicy | undefined> {
  const before = await lockPolicy(tx, place)
  await tx.query(`delete from routing_policies where ${isPlace}`, [place.serviceId, place.country])
  return before
}

const isPlace = `(service_id, country) is not distinct from ($1::int, $2::text)`

async function lockPolicy(tx: Tx, { serviceId, country }: PolicyPlace) {
  const [row] = await tx.query<{ policy: RoutingPolicy }>(
    `select policy from routing_policies where ${isPlace} for no key update`,
    [serviceId, country],
  )
  return row?.policy
}

/** The highest weight of a supplier. */
export const maxWeight = 1_000

/** Sets a supplier's weight. @returns the weight that it had; undefined if there is no such supplier */
export async function putWeight(tx: Tx, name: string, weight: number): Promise<number | undefined> {
  const [row] = await tx.query<{ before: number }>(
    `update suppliers p set weight = $2
       from (select id, weight from suppliers where name = $1 for no key update) b
      where p.id = b.id returning b.weight as before`,
    [name, weight],
  )
  return row?.before
}
