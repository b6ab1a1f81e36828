// What styles do to a text: whether it is seen, and where its words end.
import { decodeHTML } from 'entities/decode'

/** How an element stands among others. */
export type Display = 'none' | 'inline' | 'inline-block' | 'block' | 'cell'

/** Undefined where nothing is said. */
export type Style = {
  display?: Display
  /** Not to be seen, nor anything within. */
  isUnseen?: boolean
  /** `visibility`: what is within may be seen again. */
  isInvisible?: boolean
  /** Letters without a size: what is within may have one again. */
  isSizeless?: boolean
  isPreformatted?: boolean
  /** Its children stand in a row, apart from each other. */
  isRow?: boolean
  /** Something keeps it apart from what is beside it. */
  isApart?: boolean
  /** Its letters stand in reverse. */
  isReversed?: boolean
  /** The colour of its letters, and of what is behind them: `clear` if there is none, `other` if it
   * is not known. */
  colour?: string
  ground?: string
  /** A line goes through its letters and through all within. */
  isStruck?: boolean
  /** Letters are shown as capitals or small, whatever they are. */
  casing?: 'upper' | 'lower' | 'none'
}

const relevant = new RegExp(
  [
    'display|visib|hide|font|opac|height|width|white|posi|float|flex|direction|indent|clip|padd|marg|border',
    'transform|line-through|color|background',
  ].join('|'),
  'i',
)
const maxDeclarations = 100

const displays: Readonly<Record<string, Display>> = {
  none: 'none',
  inline: 'inline',
  contents: 'inline',
  ruby: 'inline',
  'inline-block': 'inline-block',
  'inline-table': 'inline-block',
  'inline-flex': 'inline-block',
  'inline-grid': 'inline-block',
  'table-cell': 'cell',
}

/** Comments and escapes mean nothing in what is read here, but hide it. */
function plainly(source: string): string {
  if (!source.includes('\\') && !source.includes('/*')) return source
  return withoutComments(source, '')
    .replace(/\\([0-9a-f]{1,6})\s?/gi, (_, hex: string) => decodeHTML(`&#x${hex};`))
    .replace(/\\(?=[a-z])/gi, '')
}

/** A comment that does not end goes to the end of the source. */
export function withoutComments(source: string, instead: string): string {
  const kept: string[] = []
  for (let at = 0; at >= 0; ) {
    const open = source.indexOf('/*', at)
    kept.push(source.slice(at, open < 0 ? undefined : open))
    const close = open < 0 ? -1 : source.indexOf('*/', open + 2)
    at = close < 0 ? -1 : close + 2
  }
  return kept.join(instead)
}

/** Mails repeat a few styles in all of their cells. */
const known = new Map<string, Style | null>()
const maxKnown = 500
const maxKnownChars = 300

/** Reads declarations, as in a `style` attribute. */
export function parseStyle(written: string): Style | null {
  const before = known.get(written)
  if (before !== undefined) return before
  const style = readStyle(written)
  if (known.size >= maxKnown) known.clear()
  if (written.length <= maxKnownChars) known.set(written, style)
  return style
}

function readStyle(written: string): Style | null {
  const source = plainly(written)
  if (!relevant.test(source)) return null
  const said = new Map<string, string>()
  for (const declaration of source.split(';', maxDeclarations)) {
    const colon = declaration.indexOf(':')
    if (colon < 0) continue
    const name = declaration.slice(0, colon).trim().toLowerCase()
    const written = declaration
      .slice(colon + 1)
      .trim()
      .toLowerCase()
    const value = written.includes('!') ? written.replace(/!\s*important/, '').trim() : written
    // What browsers do not know leaves what was said before.
    if (name !== 'display' || knownDisplay.test(value)) said.set(name, value)
  }
  const style: Style = {}
  readDisplay(said, style)
  readVisibility(said, style)
  readLetters(said, style)
  const space = said.get('white-space')
  if (space) style.isPreformatted = space.startsWith('pre') || space === 'break-spaces'
  if (said.get('direction') === 'rtl' && said.get('unicode-bidi')?.includes('override'))
    style.isReversed = true
  return style
}

const knownDisplay = new RegExp(
  [
    '^(?:none|contents|inline|block|flow-root|list-item|(?:inline-)?(?:block|table|flex|grid)|table-[a-z-]+',
    'ruby[a-z-]*|-webkit-[a-z-]+|inherit|initial|unset|revert',
    '(?:block|inline) (?:flow(?:-root)?|table|flex|grid))$',
  ].join('|'),
)

const none = '(?:0|0?\\.0+|0%)'
const clear = new RegExp(
  [
    `^(?:transparent|#[0-9a-f]{6}00|#[0-9a-f]{3}0`,
    `(?:rgb|hsl)a?\\((?:[^(),/]+,){3}\\s*${none}\\s*\\)|(?:rgb|hsl)a?\\([^(),/]+/\\s*${none}\\s*\\))$`,
  ].join('|'),
)

/** Letters without a colour are seen if something else paints them. */
function readLetters(said: ReadonlyMap<string, string>, style: Style) {
  const colour = said.get('color')
  const isPainted = /text/.test(
    said.get('background-clip') ?? said.get('-webkit-background-clip') ?? '',
  )
  if (colour) {
    const isSeen = isPainted || said.has('text-shadow')
    style.colour = isSeen ? 'other' : colourOf(colour)
  }
  const ground = said.get('background-color') ?? said.get('background')
  if (said.get('background-image') || isPainted) style.ground = 'other'
  else if (ground) style.ground = colourOf(ground)
  const lines = said.get('text-decoration') ?? said.get('text-decoration-line')
  if (lines?.includes('line-through')) style.isStruck = true
  const casing = said.get('text-transform')
  if (casing) style.casing = casings[casing] ?? 'none'
}

const namedColours: Readonly<Record<string, string>> = { white: '#ffffff', black: '#000000' }

/** A colour in one form: `#rrggbb`, `clear`, a name, or `other`. */
export function colourOf(written: string): string {
  if (clear.test(written)) return 'clear'
  if (/^#[0-9a-f]{6}$/.test(written)) return written
  const [, r, g, b] = /^#([0-9a-f])([0-9a-f])([0-9a-f])$/.exec(written) ?? []
  if (r !== undefined) return `#${r}${r}${g}${g}${b}${b}`
  const parts = /^rgb\(\s*(\d{1,3})\s*,\s*(\d{1,3})\s*,\s*(\d{1,3})\s*\)$/.exec(written)
  if (parts)
    return `#${parts
      .slice(1)
      .map((part) => Number(part).toString(16).padStart(2, '0'))
      .join('')}`
  return /^[a-z]{3,20}$/.test(written) &&
    !/^(?:inherit|initial|unset|revert|none|currentcolor)$/.test(written)
    ? (namedColours[written] ?? written)
    : 'other'
}

const casings: Readonly<Record<string, 'upper' | 'lower'>> = {
  uppercase: 'upper',
  lowercase: 'lower',
}

/** Only the declarations that outdo those of other places. */
export function parseImportant(source: string): Style | null {
  if (!source.includes('!')) return null
  const declarations = source.split(';', maxDeclarations)
  return parseStyle(declarations.filter((one) => /!\s*important/i.test(one)).join(';'))
}

function readDisplay(said: ReadonlyMap<string, string>, style: Style) {
  const display = said.get('display')
  const position = said.get('position')
  if (display && display !== 'inherit') {
    style.display = displays[display] ?? 'block'
    if (/flex|grid/.test(display)) style.isRow = !said.get('flex-direction')?.startsWith('column')
  } else if (/left|right/.test(said.get('float') ?? '') || /absolute|fixed/.test(position ?? ''))
    style.display = 'cell'
  for (const [name, value] of said) {
    const isBox = /^(?:padding|margin|border)(?:-left|-right)?$|^(?:min-)?width$/.test(name)
    if (isBox && /[1-9]/.test(value)) style.isApart = true
  }
}

function readVisibility(said: ReadonlyMap<string, string>, style: Style) {
  const visibility = said.get('visibility')
  if (visibility) style.isInvisible = visibility === 'hidden' || visibility === 'collapse'
  const font = said.get('font-size') ?? said.get('font')
  if (font && isZero(font.split(/[\s/]/, 1)[0] ?? '')) style.isSizeless = true
  else if (said.has('font-size') && !/em$|%$|inherit/.test(font ?? '')) style.isSizeless = false
  else if (said.has('font')) style.isSizeless = false
  const isClipped = /hidden|clip/.test(said.get('overflow') ?? '')
  const hasNoRoom = ['height', 'max-height', 'width', 'max-width'].some((name) =>
    isZero(said.get(name)),
  )
  const isAway =
    /^-\d{3,}/.test(said.get('text-indent') ?? '') ||
    (/absolute|fixed/.test(said.get('position') ?? '') &&
      (/^-\d{3,}/.test(said.get('left') ?? said.get('top') ?? '') || said.has('clip')))
  if (
    isZero(said.get('opacity')) ||
    said.get('mso-hide') === 'all' ||
    (isClipped && hasNoRoom) ||
    /^scale(?:3d|[xy])?\(\s*0\s*[,)]/.test(said.get('transform') ?? '') ||
    /^(?:inset\(\s*(?:50|100)%|circle\(\s*0)/.test(said.get('clip-path') ?? '') ||
    isAway
  )
    style.isUnseen = true
}

const isZero = (value: string | undefined) =>
  value !== undefined && /^(?:0+(?:\.0*)?|\.0+)(?:px|pt|em|rem|%|ex|ch|vh|vw)?$/.test(value)
