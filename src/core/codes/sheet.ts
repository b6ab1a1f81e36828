// Style sheets of an HTML mail: rules with simple selectors, as they apply on a wide screen.
import { parseImportant, parseStyle, type Style, withoutComments } from './style.ts'

/** An element and those that it is in. */
type Placed = {
  readonly name: string
  readonly classes: readonly string[]
  readonly id: string | null
  /** It has no element before it in its parent. */
  readonly isFirst: boolean
  readonly parent: Placed | null
}

type Compound = {
  readonly tag: string | null
  readonly classes: readonly string[]
  readonly id: string | null
  readonly isFirst: boolean
  /** True if the next one must be its child, not only in it. */
  readonly isParent: boolean
}

type Rule = {
  readonly target: Compound
  /** The elements that it must be in, the innermost first. */
  readonly above: readonly Compound[]
  readonly weight: number
  readonly content: string | null
} & Ruled

/** Where a style sheet writes something. */
export type Place = 'before' | 'after'

export type Ruled = {
  readonly style: Style
  /** What outdoes an element's own style. */
  readonly important: Style | null
}

const maxRules = 2_000
const maxSelectors = 50
/** A longer selector or media query is for no element and no screen. */
const maxSelectorLength = 500
const maxAbove = 4
/** Media queries within media queries. */
const maxNesting = 3
/** Elements that are compared with selectors for one mail; then rules are as if they were not there. */
const maxComparisons = 500_000

/** Rules whose selectors are tags, classes, ids and `:first-child`, also within others. All other rules are
 * left out: some are for mail programs of one kind. */
export class StyleSheet {
  /** What is written before and after elements. */
  readonly #written = { before: new Map<string, Rule[]>(), after: new Map<string, Rule[]>() }
  /** By the id, the first class or the tag of the element that they are for, in the order of the source. */
  readonly #rules = new Map<string, Rule[]>()
  #count = 0
  #comparisons = 0

  add(source: string): void {
    if (this.#count >= maxRules) return
    const css = source.includes('/*') ? withoutComments(source, ' ') : source
    this.#addBlock(css.includes('--') ? css.replace(/<!--|-->/g, ' ') : css, 0)
  }

  /** What the rules say of an element, the more special ones last. */
  styleOf(element: Placed): Ruled | null {
    const found = this.#find(this.#rules, element)
    if (found.length === 0) return null
    const important = found.flatMap((rule) => rule.important ?? [])
    return {
      style: Object.assign({}, ...found.map(({ style }) => style), ...important),
      important: important.length > 0 ? Object.assign({}, ...important) : null,
    }
  }

  /** The text that the rules write before or after an element; empty if there is none. */
  contentOf(element: Placed, place: Place): string {
    return this.#find(this.#written[place], element).at(-1)?.content ?? ''
  }

  /** The rules for an element, the more special ones last. */
  #find(rules: ReadonlyMap<string, readonly Rule[]>, element: Placed): readonly Rule[] {
    if (rules.size === 0 || this.#comparisons > maxComparisons) return []
    const found: Rule[] = []
    this.#add(found, rules.get('*'), element)
    this.#add(found, rules.get(element.name), element)
    for (const name of element.classes) this.#add(found, rules.get(`.${name}`), element)
    if (element.id) this.#add(found, rules.get(`#${element.id}`), element)
    return found.length > 1 ? found.sort((a, b) => a.weight - b.weight) : found
  }

  #add(found: Rule[], rules: readonly Rule[] | undefined, element: Placed) {
    if (rules) for (const rule of rules) if (this.#applies(rule, element)) found.push(rule)
  }

  #addBlock(css: string, nesting: number) {
    for (let at = 0; at < css.length && this.#count < maxRules; ) {
      const open = css.indexOf('{', at)
      if (open < 0) return
      const before = css.slice(at, open)
      // Statements such as `@import ...;` may stand before it.
      const ended = Math.max(before.lastIndexOf(';'), before.lastIndexOf('}'))
      const head = before.slice(ended + 1).trim()
      if (head.startsWith('@')) {
        at = afterBlock(css, open)
        const isMedia = /^@media\b/i.test(head)
        if (isMedia && nesting < maxNesting && isForWideScreen(head.slice('@media'.length)))
          this.#addBlock(css.slice(open + 1, at - 1), nesting + 1)
        continue
      }
      const close = css.indexOf('}', open)
      const end = close < 0 ? css.length : close
      this.#addRule(head, css.slice(open + 1, end))
      at = end + 1
    }
  }

  #addRule(selectors: string, inside: string) {
    const style = parseStyle(inside) ?? {}
    const content = contentIn(inside)
    if (content === null && Object.keys(style).length === 0) return
    const important = parseImportant(inside)
    for (const written of selectors.split(',', maxSelectors)) {
      if (written.length > maxSelectorLength) continue
      const [selector = '', place] = written.split(edges, 2)
      if (place ? content === null : Object.keys(style).length === 0) continue
      const compounds = compoundsOf(selector)
      const target = compounds?.at(-1)
      if (!compounds || !target) continue
      const above = compounds.slice(0, -1).reverse()
      const key = target.id
        ? `#${target.id}`
        : target.classes[0]
          ? `.${target.classes[0]}`
          : (target.tag ?? '*')
      const map = place ? this.#written[place.toLowerCase() as Place] : this.#rules
      const rules = map.get(key) ?? []
      const weight = weightOf(compounds) * maxRules + this.#count
      rules.push({ target, above, weight, style, important, content })
      map.set(key, rules)
      if (++this.#count >= maxRules) return
    }
  }

  #applies({ target, above }: Rule, element: Placed): boolean {
    if (!this.#fits(target, element)) return false
    let place = element.parent
    for (const compound of above) {
      while (place && !compound.isParent && !this.#fits(compound, place)) place = place.parent
      if (!place || !this.#fits(compound, place)) return false
      place = place.parent
    }
    return true
  }

  #fits({ tag, classes, id, isFirst }: Compound, element: Placed): boolean {
    if (++this.#comparisons > maxComparisons) return false
    if (tag !== null && tag !== element.name) return false
    if (id !== null && id !== element.id) return false
    if (isFirst && !element.isFirst) return false
    return classes.every((name) => element.classes.includes(name))
  }
}

const edges = /::?(before|after)\s*$/i
const maxContent = 200

/** The text of a `content`; null if it has none. Other values are left out. */
function contentIn(declarations: string): string | null {
  const [, double, single] =
    /(?:^|[;\s])content\s*:\s*(?:"([^"\n]{0,200})"|'([^'\n]{0,200})')/i.exec(declarations) ?? []
  const text = double ?? single
  return text === undefined || text.includes('\\') ? null : text.slice(0, maxContent)
}

const part = /[.#][\w-]+|:first-child/g
const compoundForm = /^(\*|[a-z][a-z0-9]*)?((?:[.#][\w-]+|:first-child){0,6})$/i

/** Null for selectors that are not simple. */
function compoundsOf(selector: string): Compound[] | null {
  const words = selector
    .trim()
    .replace(/\s*>\s*/g, ' >')
    .split(/\s+/, maxAbove + 2)
  if (words.length > maxAbove + 1) return null
  const compounds: Compound[] = []
  for (const [i, word] of words.entries()) {
    const [whole, tag = '*', rest = ''] = compoundForm.exec(word.replace(/^>/, '')) ?? []
    if (!whole) return null
    const names: readonly string[] = rest.match(part) ?? []
    compounds.push({
      tag: tag === '*' ? null : tag.toLowerCase(),
      classes: names.filter((name) => name.startsWith('.')).map((name) => name.slice(1)),
      id: names.find((name) => name.startsWith('#'))?.slice(1) ?? null,
      isFirst: names.includes(':first-child'),
      isParent: words[i + 1]?.startsWith('>') ?? false,
    })
  }
  return compounds
}

const weightOf = (compounds: readonly Compound[]): number =>
  compounds
    .map(({ tag, classes, id, isFirst }) => {
      return (id ? 100 : 0) + (classes.length + (isFirst ? 1 : 0)) * 10 + (tag ? 1 : 0)
    })
    .reduce((sum, weight) => sum + weight, 0)

/** Mails are read as on a screen of this width. */
const screenPx = 1_024
const pxOf = { px: 1, em: 16, rem: 16 } as const
const widthForm =
  /^\(\s*(?:min-(?:device-)?width\s*:|width\s*>=?)\s*(\d{1,5}(?:\.\d{1,3})?)\s*(px|em|rem)\s*\)$/

/** Those for print, for narrow screens, for the dark and for programs of one kind are left out. */
function isForWideScreen(query: string): boolean {
  return query
    .toLowerCase()
    .split(',', maxSelectors)
    .some(
      (one) =>
        one.length <= maxSelectorLength &&
        one
          .trim()
          .split(/\s+and\s+/)
          .every(isMet),
    )
}

function isMet(condition: string): boolean {
  if (/^(?:(?:only\s+)?(?:all|screen)|not\s+(?:print|speech)|)$/.test(condition)) return true
  const [, width, unit] = widthForm.exec(condition) ?? []
  return width !== undefined && Number(width) * pxOf[unit as keyof typeof pxOf] <= screenPx
}

function afterBlock(css: string, open: number): number {
  let depth = 0
  for (let at = open; at < css.length; at++) {
    if (css[at] === '{') depth++
    else if (css[at] === '}' && --depth === 0) return at + 1
  }
  return css.length
}
