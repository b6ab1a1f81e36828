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
  /** Its letters have no colour; what is within may have one. */
  isClear?: boolean
  /** A line goes through its letters and through all within. */
  isStruck?: boolean
  /** Letters are shown as capitals or small, whatever they are. */
  casing?: 'upper' | 'lower' | 'none'
}

const relevant = new RegExp(
  [
    'display|visib|hide|font|opac|height|width|white|posi|float|flex|direction|indent|clip|padd|marg|border',
    'transform|transparent|line-through|color\\s*:[^;]{0,40}(?:a\\(|/|#[0-9a-f]{4})',
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

/**
 * Reads declarations, as in a `style` attribute.
 * @param needsColour - whether it matters that letters have a colour
 */
export function parseStyle(written: string, needsColour = false): Style | null {
  const source = plainly(written)
  if (!relevant.test(source) && !(needsColour && /color/i.test(source))) return null
  const said = new Map<string, string>()
  for (const declaration of source.split(';', maxDeclarations)) {
    const colon = declaration.indexOf(':')
    if (colon < 0) continue
    const value = declaration.slice(colon + 1).replace(/!\s*important/i, '')
    said.set(declaration.slice(0, colon).trim().toLowerCase(), value.trim().toLowerCase())
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
  if (colour) style.isClear = clear.test(colour) && !isPainted && !said.has('text-shadow')
  const lines = said.get('text-decoration') ?? said.get('text-decoration-line')
  if (lines?.includes('line-through')) style.isStruck = true
  const casing = said.get('text-transform')
  if (casing) style.casing = casings[casing] ?? 'none'
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
