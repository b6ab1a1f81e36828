// Forms that leave no doubt: the origin-bound last line, a service's own rule, the "G-" of one.

export type CodeRule = { readonly pattern: string; readonly flags?: string }

const originBound = /(?:^|[\s,.])@[a-z0-9][a-z0-9.-]{0,250} ?#([A-Za-z0-9-]{3,12})(?=\s|$|[.@%])/im
const googleForm = /(?<![A-Za-z0-9])G ?- ?(\d{4,8})(?!\d)/

const compiled = new Map<string, RegExp | null>()
/** Rules come from the catalog, a few hundred of them; beyond that something is wrong. */
const maxCompiled = 2000

/** The code of a message written in a form made for machines, or null. */
export function certainCode(text: string): string | null {
  const bound = text.includes('@') && text.includes('#') ? originBound.exec(text) : null
  if (bound?.[1] && /\d/.test(bound[1])) return bound[1]
  const google = text.includes('G') ? googleForm.exec(text) : null
  return google?.[1] ?? null
}

/** What the first of the service's rules to match captures. A rule that is no pattern is passed by. */
export function ruledCode(text: string, rules: readonly CodeRule[]): string | null {
  for (const rule of rules) {
    const found = regexOf(rule)?.exec(text)?.[1]
    if (found) return found
  }
  return null
}

function regexOf({ pattern, flags }: CodeRule): RegExp | null {
  const key = `${flags ?? ''}/${pattern}`
  const known = compiled.get(key)
  if (known !== undefined) return known
  let regex: RegExp | null = null
  try {
    regex = new RegExp(pattern, (flags ?? 'iu').replace(/[gy]/g, ''))
  } catch {
    // Said once, at the catalog's own check; here a bad rule must not lose the message.
  }
  if (compiled.size >= maxCompiled) compiled.clear()
  compiled.set(key, regex)
  return regex
}
