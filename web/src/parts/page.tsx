// The frame of a page: its title in the tab and above the content, what can be done, and skeletons.
import { type ReactNode, useEffect } from 'react'

export function useTitle(title: string) {
  useEffect(() => {
    document.title = `${title} · Numlet`
  }, [title])
}

type Props = {
  readonly title: string
  /** Buttons beside the title. */
  readonly actions?: ReactNode
  readonly children: ReactNode
}

export function Page({ title, actions, children }: Props) {
  useTitle(title)
  return (
    <>
      <div className="row between wrap page-head">
        <h1>{title}</h1>
        {actions && <div className="row tight wrap">{actions}</div>}
      </div>
      {children}
    </>
  )
}

type PanelProps = {
  readonly title: string
  readonly aside?: ReactNode
  readonly children: ReactNode
  readonly id?: string
}

/** A part of a page with its heading. */
export function Panel({ title, aside, children, id }: PanelProps) {
  return (
    <section className="panel" aria-label={title} id={id}>
      <header>
        <h2>{title}</h2>
        {aside}
      </header>
      {children}
    </section>
  )
}

/** Has the size of what comes, so that nothing jumps. */
export function Bone({
  width = '100%',
  height = 12,
}: {
  width?: number | string
  height?: number
}) {
  return <span className="bone" style={{ width, height, maxWidth: '100%' }} />
}

const widths = [62, 48, 70, 40, 55, 66, 44, 58]

/** Rows of a table that is on its way. */
export function BoneRows({ rows, columns }: { rows: number; columns: number }) {
  return (
    <>
      {widths.slice(0, rows).map((width) => (
        <tr key={width}>
          {Array.from({ length: columns }, (_, at) => `c${at}`).map((cell, at) => (
            <td key={cell} className={at > 2 ? 'wide' : undefined}>
              <Bone width={`${at === 0 ? width : 60}%`} />
            </td>
          ))}
        </tr>
      ))}
    </>
  )
}

type EmptyProps = {
  readonly title: string
  readonly children?: ReactNode
  readonly action?: ReactNode
}

/** What stands where there is nothing yet: what it would be, and what to do. */
export function Empty({ title, children, action }: EmptyProps) {
  return (
    <div className="empty">
      <p className="strong">{title}</p>
      {children && <p className="mute">{children}</p>}
      {action && <div>{action}</div>}
    </div>
  )
}
