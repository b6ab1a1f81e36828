// What somebody may have meant: the known words that are nearest to one that is not known.

/** Words that differ by more than this share of their letters are no slip of the hand. */
const furthest = 0.4
const mostShown = 3

/** The nearest of the known words, best first; none when nothing is near. */
export function nearest(word: string, known: Iterable<string>): string[] {
  const wanted = word.toLowerCase().slice(0, 60)
  const found: { readonly one: string; readonly distance: number }[] = []
  for (const one of known) {
    const other = one.toLowerCase()
    const longer = Math.max(wanted.length, other.length)
    const isPart = wanted.length > 2 && (other.startsWith(wanted) || wanted.startsWith(other))
    const distance = isPart ? 1 : editsBetween(wanted, other)
    if (distance <= Math.max(1, Math.floor(longer * furthest))) found.push({ one, distance })
  }
  return found
    .sort((a, b) => a.distance - b.distance || (a.one < b.one ? -1 : 1))
    .slice(0, mostShown)
    .map(({ one }) => one)
}

/** `There is no service whatsap. Did you mean whatsapp?` */
export function unknownOf(kind: string, word: string, known: Iterable<string>): string {
  return `There is no ${kind} ${word}.${meant(word, known)}`
}

/** ` Did you mean whatsapp?`, or nothing when nothing is near. */
export function meant(word: string, known: Iterable<string>): string {
  const near = nearest(word, known)
  return near.length > 0 ? ` Did you mean ${near.join(' or ')}?` : ''
}

/** Letters to be put in, taken out, changed or swapped with the next one. */
function editsBetween(a: string, b: string): number {
  let older: number[] = []
  let before = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const change = (before[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1)
      let least = Math.min((before[j] as number) + 1, (row[j - 1] as number) + 1, change)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        least = Math.min(least, (older[j - 2] as number) + 1)
      row.push(least)
    }
    older = before
    before = row
  }
  return before[b.length] as number
}
