// Flowed text (RFC 3676): joins lines that were broken for sending.

/** @param isDelSp - whether the space that marks a broken line is deleted with the line break */
export function unflow(text: string, isDelSp: boolean): string {
  const out: string[] = []
  let open: { readonly depth: number; parts: string[] } | null = null
  const close = () => {
    if (open)
      out.push(`${'>'.repeat(open.depth)}${open.depth > 0 ? ' ' : ''}${open.parts.join('')}`)
    open = null
  }
  for (const raw of text.split('\n')) {
    let depth = 0
    while (raw[depth] === '>') depth++
    const line = raw.slice(raw[depth] === ' ' ? depth + 1 : depth)
    const last: { readonly depth: number; parts: string[] } | null = open
    if (last && last.depth !== depth) close()
    const isBroken = line.endsWith(' ') && line !== '-- '
    const part = isBroken && isDelSp ? line.slice(0, -1) : line
    const current: { readonly depth: number; parts: string[] } = open ?? { depth, parts: [] }
    current.parts.push(part)
    open = current
    if (!isBroken) close()
  }
  close()
  return out.join('\n')
}
