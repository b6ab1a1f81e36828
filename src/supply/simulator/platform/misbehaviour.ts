// What the simulated platform can do wrong, and how a rehearsal asks for it: in the path of the URL.

/** What each misbehaviour means, for operators. They can be combined. */
export const misbehaviours = {
  slow: 'answers after three seconds',
  hangs: 'does what it is asked, and never answers',
  loses: 'sells a number, and closes the connection without an answer',
  garbage: 'answers with a page of HTML',
  broken: 'answers with status 500, and does nothing',
  busy: 'answers with status 429 and Retry-After, and does nothing',
  empty: 'has no numbers, and says so in its price list',
  lies: 'lists numbers, and has none',
  dry: 'says that the account has no money',
  twice: 'sells two numbers for each request, and tells of one',
  repeats: 'shows each code twice',
  same: 'sells the number of the order before again',
  ours: 'sells a number of our own, which follows: ours:447700900123',
  abroad: 'sells numbers of another country',
  dear: 'charges ten times what it lists',
  keeps: 'refuses to cancel',
  early: 'says that it is too early to cancel',
  late: 'charges for a code after it has confirmed a cancel',
  silent: 'sends no codes by itself',
} as const

export type Misbehaviour = keyof typeof misbehaviours

/** What the platform does wrong at a request. */
export type Conduct = {
  has(name: Misbehaviour): boolean
  /** A number of ours, as digits; null: none was named. */
  readonly ourPhone: string | null
}

/** How the platform is to behave by the path of a request, such as `/slow+dear`; the rest of the path does
 * not matter. @returns null if the path has a word that is no misbehaviour */
export function conductIn(path: string): Conduct | null {
  const [first = ''] = path.split('/').filter((part) => part !== '')
  const isNone = first === '' || first === 'stubs' || first.endsWith('.php')
  const words = isNone ? [] : first.split('+')
  const names = new Set(words.map((word) => word.split(':', 1)[0] ?? ''))
  if ([...names].some((name) => !Object.hasOwn(misbehaviours, name))) return null
  const ours = words.find((word) => word.startsWith('ours:'))?.slice('ours:'.length)
  if (names.has('ours') && !/^\d{7,15}$/.test(ours ?? '')) return null
  return { has: (name) => names.has(name), ourPhone: ours ?? null }
}
