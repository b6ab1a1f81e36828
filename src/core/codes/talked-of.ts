// Numbers that are only talked about: what a code may look like, and what a program says of a failure.
import type { Candidate } from './candidate.ts'
import { kinds } from './keyword-index.ts'
import type { Message } from './relation.ts'

/** "Such as 1234", "「1234」などの": what codes look like, or had better not. */
const examples = [
  'such_as for_example e\\.g\\. zum_beispiel z\\.b\\. wie_etwa por_ejemplo par_exemple ad_esempio',
  'por_exemplo bijvoorbeeld till_exempel t\\.ex\\. for_eksempel esimerkiksi például например наприклад',
  'na_przykład np\\. například napr\\. örneğin misalnya seperti ví_dụ 例如 比如 例えば 예를_들어',
]
const exampleAhead = new RegExp(
  `(?:^|[^\\p{L}])(?:${examples.join(' ').replaceAll(' ', '|').replaceAll('_', ' ')}),? ?["'«“「]?$`,
  'iu',
)
const exampleBehind = /^["'」』»”)]? ?(?:など|等(?!待)|gibi|같은|와 같은|वगैरह|जैसे|이나 )/u

/** What comes first to mind when one thinks of a code. */
const guessed = /^(?:0?1234(?:5(?:6(?:78?)?)?)?|(\d)\1{3,7})$/

/** True for a number that is given as an example. */
export function isExample({ masked }: Message, { start, end, code }: Candidate): boolean {
  if (!guessed.test(code)) return false
  if (exampleBehind.test(masked.slice(end, end + 12))) return true
  return exampleAhead.test(masked.slice(Math.max(0, start - 26), start))
}

/** "Failed (code 4032): ...": an aside in brackets, in a message that asks nothing of its reader. */
export function isStatus({ masked, hits }: Message, { start, end }: Candidate): boolean {
  if (!/^\)[:.,]/.test(masked.slice(end, end + 2))) return false
  const meant = kinds.auth | kinds.strong | kinds.time | kinds.use | kinds.fresh
  if (hits.some(({ kind }) => kind & meant)) return false
  return hits.some((hit) => {
    if ((hit.kind & kinds.code) === 0 || masked[hit.start - 1] !== '(') return false
    return hit.end <= start && start - hit.end <= 2
  })
}
