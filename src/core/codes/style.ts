// What styles do to a text: whether it is seen, and where its words end.

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
}

const relevant =
  /display|visib|hide|font|opac|height|width|white|posi|float|flex|direction|indent|clip|padd|marg|border/i
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

/** Reads declarations, as in a `style` attribute. */
export function parseStyle(source: string): Style | null {
  if (!relevant.test(source)) return null
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
  const space = said.get('white-space')
  if (space) style.isPreformatted = space.startsWith('pre') || space === 'break-spaces'
  if (said.get('direction') === 'rtl' && said.get('unicode-bidi')?.includes('override'))
    style.isReversed = true
  return style
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
    isAway
  )
    style.isUnseen = true
}

const isZero = (value: string | undefined) =>
  value !== undefined && /^(?:0+(?:\.0*)?|\.0+)(?:px|pt|em|rem|%|ex|ch|vh|vw)?$/.test(value)
