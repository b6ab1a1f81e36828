// Operators' verbs on services: a service's name, signs and rules.
import { randomUUID } from 'node:crypto'
import type { Database, Tx } from '../../db/database.ts'
import { isUniqueViolation } from '../../db/errors.ts'
import { categories } from '../catalog/data/load.ts'
import { ruleProblem } from '../codes/rule-problem.ts'
import { DomainError } from '../error.ts'
import { type Amount, formatAmount } from '../money.ts'
import { unknownOf } from '../nearest.ts'
import { type By, logged } from '../operator-log.ts'

/** The fields of a service that an operator may set; omitted ones stay unchanged. */
export type ServiceTerms = {
  readonly name?: string | undefined
  readonly category?: string | undefined
  /** Senders of its messages. */
  readonly senders?: readonly string[] | undefined
  /** Words that identify its messages. */
  readonly words?: readonly string[] | undefined
  /** Patterns whose first group is the code. */
  readonly rules?: readonly string[] | undefined
  /** Whether it receives messages that match no other order. */
  readonly takesAny?: boolean | undefined
  /** The domain that its emails come from; empty: none. */
  readonly site?: string | undefined
  /** The price of its activations if no offer sets one, in the base currency. */
  readonly defaultPrice?: Amount | undefined
}

export type OperatedService = Required<{
  [Name in keyof Omit<ServiceTerms, 'defaultPrice' | 'site'>]: NonNullable<ServiceTerms[Name]>
}> & {
  readonly id: number
  readonly slug: string
  readonly site: string | null
  readonly defaultPrice: Amount | null
  readonly closed: boolean
}

/** The columns that store the terms. */
const columnOf = {
  name: 'name',
  category: 'category',
  senders: 'senders',
  words: 'words',
  rules: 'rules',
  takesAny: 'takes_any',
  site: 'site',
  defaultPrice: 'default_price',
} as const satisfies Record<keyof ServiceTerms, string>

const shown = (service: OperatedService) => ({
  name: service.name,
  category: service.category,
  senders: service.senders,
  words: service.words,
  rules: service.rules,
  takes_any: service.takesAny,
  site: service.site,
  default_price: service.defaultPrice === null ? null : formatAmount(service.defaultPrice, 2),
})

/** Adds an operator's own service. It is for sale once it has offers. @throws invalid_request */
export function addService(
  db: Database,
  by: By,
  slug: string,
  terms: ServiceTerms & { readonly name: string },
): Promise<OperatedService> {
  if (!/^[a-z0-9][a-z0-9_.-]{0,60}$/.test(slug))
    throw invalid(
      'The slug must have at most 61 characters: lower-case letters, digits, dots, - and _.',
    )
  assertTerms(terms)
  return logged(
    db,
    by,
    async (_, tx) => {
      await tx
        .query(
          `insert into services (id, uuid, slug, name) values (nextval('service_ids'), $1, $2, $3)`,
          [randomUUID(), slug, terms.name],
        )
        .catch((error: unknown) => {
          throw isUniqueViolation(error, 'services_slug_key')
            ? invalid(`A service named ${slug} already exists.`)
            : error
        })
      await write(tx, slug, terms)
      return findService(tx, slug)
    },
    (service) => ({
      action: 'service.add',
      subject: { type: 'service', id: slug },
      detail: { after: shown(service) },
    }),
  )
}

/** Changes a service. A new version's facts do not overwrite these values.
 * @throws service_not_found, invalid_request */
export function changeService(
  db: Database,
  by: By,
  slug: string,
  terms: ServiceTerms,
): Promise<OperatedService> {
  assertTerms(terms)
  return logged(
    db,
    by,
    async (_, tx) => {
      const before = await findService(tx, slug)
      await write(tx, slug, terms)
      return { before, after: await findService(tx, slug) }
    },
    ({ before, after }) => ({
      action: 'service.change',
      subject: { type: 'service', id: slug },
      detail: { before: changedOf(before, terms), after: changedOf(after, terms) },
    }),
  ).then(({ after }) => after)
}

/** The part of a service that the terms set. */
function changedOf(service: OperatedService, terms: ServiceTerms) {
  const named = new Set(given(terms).map((name) => columnOf[name] as string))
  return Object.fromEntries(Object.entries(shown(service)).filter(([name]) => named.has(name)))
}

const given = (terms: ServiceTerms) =>
  (Object.keys(columnOf) as (keyof ServiceTerms)[]).filter((name) => terms[name] !== undefined)

async function write(tx: Tx, slug: string, terms: ServiceTerms) {
  const rules = terms.rules?.map((pattern) => ({ pattern, flags: 'iu' }))
  await tx.query(
    `update services set name = coalesce($2, name), category = coalesce($3, category),
       senders = coalesce($4::text[], senders), words = coalesce($5::text[], words),
       rules = coalesce($6::jsonb, rules), takes_any = coalesce($7::boolean, takes_any),
       site = case when $8::text is null then site else nullif($8, '') end,
       default_price = coalesce($9::bigint, default_price),
       set_by_operator = array(select distinct f from unnest(set_by_operator || $10::text[]) f order by 1)
      where slug = $1`,
    [
      slug,
      terms.name ?? null,
      terms.category ?? null,
      terms.senders ?? null,
      terms.words ?? null,
      rules === undefined ? null : JSON.stringify(rules),
      terms.takesAny ?? null,
      terms.site ?? null,
      terms.defaultPrice ?? null,
      given(terms).map((name) => columnOf[name]),
    ],
  )
}

/** @throws service_not_found */
export async function findService(db: Pick<Tx, 'query'>, slug: string): Promise<OperatedService> {
  const [row] = await db.query<OperatedService>(
    `select id, slug, name, category, senders, words,
            array(select r->>'pattern' from jsonb_array_elements(rules) r) as rules,
            takes_any as "takesAny", site, default_price as "defaultPrice", closed
       from services where slug = $1`,
    [slug],
  )
  if (row) return row
  const known = await db.query<{ slug: string }>('select slug from services')
  throw new DomainError(
    'service_not_found',
    unknownOf(
      'service',
      slug,
      known.map((one) => one.slug),
    ),
  )
}

const limits = { words: 200, wordLength: 100, rules: 50 } as const

function assertTerms(terms: ServiceTerms) {
  const isLine = (text: string, length: number) =>
    /^[^\p{Cc}\p{Cs}]+$/u.test(text) && text.trim() !== '' && text.length <= length
  if (terms.name !== undefined && !isLine(terms.name, 100))
    throw invalid('The name must be one line of 1 to 100 characters.')
  if (terms.category !== undefined && !categories.some((one) => one.slug === terms.category))
    throw invalid(
      `There is no category ${terms.category}. Choose one of: ` +
        `${categories.map((one) => one.slug).join(', ')}.`,
    )
  for (const list of [terms.senders, terms.words])
    if (
      list &&
      (list.length > limits.words || !list.every((one) => isLine(one, limits.wordLength)))
    )
      throw invalid('There can be at most 200 senders and 200 words, each of 1 to 100 characters.')
  if (terms.rules && terms.rules.length > limits.rules)
    throw invalid(`A service can have at most ${limits.rules} rules.`)
  for (const rule of terms.rules ?? []) {
    const problem = ruleProblem(rule)
    if (problem !== null) throw invalid(`The rule ${rule} ${problem}.`)
  }
  if (terms.site && !/^(?:[a-z0-9-]{1,63}\.)+[a-z0-9-]{2,63}$/.test(terms.site))
    throw invalid(`${terms.site} is not a domain name in lower-case letters, such as example.com.`)
}

export const invalid = (message: string) => new DomainError('invalid_request', message)
