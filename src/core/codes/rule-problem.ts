// What is wrong with a pattern that an operator gives a service as a rule. It is tried on texts of strangers,
// so it must not take long on any.

const maxRuleLength = 500

/** Why a pattern is no good as a rule, as the end of a sentence; null when it is good. */
export function ruleProblem(pattern: string): string | null {
  if (pattern.length === 0 || pattern.length > maxRuleLength)
    return `must have 1 to ${maxRuleLength} characters`
  try {
    new RegExp(pattern, 'iu')
  } catch {
    return 'is not a regular expression'
  }
  const groups = new RegExp(`${pattern}|`, 'iu').exec('')
  if (!groups || groups.length < 2) return 'has no group: the first group is the code'
  const bare = pattern.replace(/\\./gu, 'x').replace(/\[[^\]]*\]/gu, 'x')
  if (/[*+]|\{\d*,\}/u.test(bare)) return 'repeats without a limit: write {1,20} in place of +'
  if (/\)\{/u.test(bare)) return 'repeats a group, which may take long'
  return null
}
