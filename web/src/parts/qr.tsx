// A QR code, drawn here: what is in it goes nowhere. Dark on light in both themes, as cameras like it.
import { useMemo } from 'react'
import { encode } from 'uqr'

/** The quiet zone that scanners need, in modules. */
const border = 4

export function Qr({ text, label, size = 220 }: { text: string; label: string; size?: number }) {
  const { width, path } = useMemo(() => {
    const { data, size: modules } = encode(text, { ecc: 'M', border })
    const dark = data.flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? [[x, y]] : [])))
    return { width: modules, path: dark.map(([x, y]) => `M${x} ${y}h1v1h-1z`).join('') }
  }, [text])
  return (
    <svg
      className="qr"
      width={size}
      height={size}
      viewBox={`0 0 ${width} ${width}`}
      shapeRendering="crispEdges"
      role="img"
      aria-label={label}
    >
      <path fill="#fff" d={`M0 0h${width}v${width}H0z`} />
      <path fill="#000" d={path} />
    </svg>
  )
}
