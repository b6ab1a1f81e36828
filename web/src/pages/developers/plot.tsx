// A plot of days, drawn by uPlot in the colours of the theme. What it shows is also in a table.
import 'uplot/dist/uPlot.min.css'
import { useEffect, useRef } from 'react'
import UPlot from 'uplot'
import { onTheme } from '../../theme.ts'
import css from './developers.module.css'

export type Line = {
  readonly label: string
  /** The token of its colour, such as `--accent`. */
  readonly token: string
  readonly values: readonly number[]
  readonly isBar?: boolean
}

type Props = {
  /** What it shows, for those who do not see it. */
  readonly label: string
  /** UTC days: 2026-11-20. */
  readonly days: readonly string[]
  readonly lines: readonly Line[]
  /** What a day is called. */
  readonly dayLabel: string
  /** A value as it is written at the axis and in the legend. */
  readonly write: (value: number) => string
}

const height = 200
const daySeconds = 86_400
const barShare = 0.62
const axisWidth = 62

const token = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name)

function optionsOf({ lines, write, dayLabel }: Props, width: number): UPlot.Options {
  const axis: UPlot.Axis = {
    stroke: token('--ink-3'),
    font: `12px ${token('--sans')}`,
    grid: { stroke: token('--line'), width: 1 },
    ticks: { show: false },
  }
  return {
    width,
    height,
    tzDate: (seconds) => UPlot.tzDate(new Date(seconds * 1_000), 'Etc/UTC'),
    padding: [12, 8, 0, 0],
    legend: { show: true, live: true },
    cursor: { y: false, drag: { x: false, y: false } },
    scales: {
      x: { time: true, range: (_, min, max) => [min - daySeconds / 2, max + daySeconds / 2] },
      y: { range: (_, __, max) => [0, max > 0 ? max * 1.1 : 1] },
    },
    axes: [
      { ...axis, grid: { show: false } },
      { ...axis, size: axisWidth, values: (_, splits) => splits.map(write) },
    ],
    series: [
      { label: dayLabel, value: (_, seconds) => (seconds == null ? '–' : dayOf(seconds)) },
      ...lines.map((line) => seriesOf(line, write)),
    ],
  }
}

function seriesOf({ label, token: name, isBar }: Line, write: Props['write']): UPlot.Series {
  const colour = token(name)
  return {
    label,
    stroke: colour,
    width: isBar ? 0 : 2,
    value: (_, value) => (value == null ? '–' : write(value)),
    points: { show: false },
    ...(isBar && UPlot.paths.bars
      ? { fill: colour, paths: UPlot.paths.bars({ size: [barShare, 40] }) }
      : {}),
  }
}

const dayOf = (seconds: number) => new Date(seconds * 1_000).toISOString().slice(0, 10)

const dataOf = ({ days, lines }: Props): UPlot.AlignedData => [
  days.map((day) => Date.parse(`${day}T00:00:00Z`) / 1_000),
  ...lines.map(({ values }) => [...values]),
]

/** Loaded lazily: uPlot is in the chunk of the plot alone. */
export function Plot(props: Props) {
  const box = useRef<HTMLDivElement>(null)
  const latest = useRef(props)
  latest.current = props
  // What is drawn is drawn again when its content changes, not at each render.
  const content = JSON.stringify([props.days, props.lines, props.label])
  useEffect(() => {
    const place = box.current
    if (!place || content === '') return
    let plot: UPlot | null = null
    const draw = () => {
      plot?.destroy()
      plot = new UPlot(optionsOf(latest.current, place.clientWidth), dataOf(latest.current), place)
    }
    draw()
    const forget = onTheme(draw)
    const size = new ResizeObserver(() => plot?.setSize({ width: place.clientWidth, height }))
    size.observe(place)
    return () => {
      forget()
      size.disconnect()
      plot?.destroy()
    }
  }, [content])
  return <div ref={box} className={`${css.plot} ltr`} role="img" aria-label={props.label} />
}
